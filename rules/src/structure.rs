//! stub
pub(crate) struct Structure;
impl Default for Structure {
    fn default() -> Self {
        Self
    }
}
impl Structure {
    pub(crate) fn new() -> Self {
        Self
    }
    pub(crate) fn scan(&self, _l: &crate::LabelLexicon, _t: &str, _o: &mut Vec<crate::Candidate>) {}
}
