//! Connected components over runs of pixels of one row. Says nothing about what a component is.

/// Pixels `start..end` of one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) row: u32,
    pub(super) start: u32,
    /// Exclusive.
    pub(super) end: u32,
    /// Grey value of its first pixel.
    pub(super) value: u8,
}

/// A connected component: its bounding box (`right`, `bottom` exclusive) and pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Component {
    pub(super) left: u32,
    pub(super) top: u32,
    pub(super) right: u32,
    pub(super) bottom: u32,
    pub(super) area: u64,
    /// Grey value of its first run.
    pub(super) value: u8,
}

impl Component {
    pub(super) fn width(&self) -> u32 {
        self.right - self.left
    }

    pub(super) fn height(&self) -> u32 {
        self.bottom - self.top
    }
}

/// Runs, for each the number of its component, and the components in order of their first run.
#[derive(Debug, Default)]
pub(super) struct Labelled {
    pub(super) runs: Vec<Run>,
    pub(super) label: Vec<u32>,
    pub(super) components: Vec<Component>,
}

/// How runs are joined.
#[derive(Debug, Clone, Copy)]
pub(super) struct Join {
    /// Greatest difference between the values of two components that are joined.
    pub(super) tolerance: u8,
    /// Whether runs that touch at a corner only are joined (8-connectivity).
    pub(super) diagonal: bool,
}

/// Labels runs that come in row order, and from left to right within a row.
pub(super) fn label(runs: Vec<Run>, join: Join) -> Labelled {
    let mut parent: Vec<u32> = (0..runs.len() as u32).collect();
    let (mut above, mut above_end, mut row_start) = (0, 0, 0);
    for i in 0..runs.len() {
        if i > 0 && runs[i].row != runs[i - 1].row {
            (above, above_end) = if runs[i].row == runs[i - 1].row + 1 { (row_start, i) } else { (i, i) };
            row_start = i;
        }
        let reach = u32::from(join.diagonal);
        while above < above_end && runs[above].end + reach <= runs[i].start {
            above += 1;
        }
        let mut j = above;
        while j < above_end && runs[j].start < runs[i].end + reach {
            unite(&mut parent, &runs, (i as u32, j as u32), join.tolerance);
            j += 1;
        }
    }
    collect(runs, &mut parent)
}

fn find(parent: &mut [u32], mut i: u32) -> u32 {
    while parent[i as usize] != i {
        parent[i as usize] = parent[parent[i as usize] as usize];
        i = parent[i as usize];
    }
    i
}

/// The earlier run becomes the root, so that a component's value is that of its first run.
fn unite(parent: &mut [u32], runs: &[Run], (a, b): (u32, u32), tolerance: u8) {
    let (a, b) = (find(parent, a), find(parent, b));
    let difference = runs[a as usize].value.abs_diff(runs[b as usize].value);
    if a != b && difference <= tolerance {
        parent[a.max(b) as usize] = a.min(b);
    }
}

fn collect(runs: Vec<Run>, parent: &mut [u32]) -> Labelled {
    let mut number = vec![u32::MAX; runs.len()];
    let mut components: Vec<Component> = Vec::new();
    let mut label = Vec::with_capacity(runs.len());
    for (i, run) in runs.iter().enumerate() {
        let root = find(parent, i as u32) as usize;
        if number[root] == u32::MAX {
            number[root] = components.len() as u32;
            let (left, top, right, bottom) = (run.start, run.row, run.end, run.row + 1);
            components.push(Component { left, top, right, bottom, area: 0, value: run.value });
        }
        let component = &mut components[number[root] as usize];
        component.left = component.left.min(run.start);
        component.right = component.right.max(run.end);
        component.bottom = component.bottom.max(run.row + 1);
        component.area += u64::from(run.end - run.start);
        label.push(number[root]);
    }
    Labelled { runs, label, components }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(picture: &[&str], join: Join) -> Labelled {
        let mut runs = Vec::new();
        for (row, line) in picture.iter().enumerate() {
            let bytes = line.as_bytes();
            let mut x = 0;
            while x < bytes.len() {
                let start = x;
                while x < bytes.len() && bytes[x] == bytes[start] {
                    x += 1;
                }
                if bytes[start] != b' ' {
                    let (start, end) = (start as u32, x as u32);
                    runs.push(Run { row: row as u32, start, end, value: bytes[start as usize] });
                }
            }
        }
        label(runs, join)
    }

    #[test]
    fn a_ring_is_one_component_and_its_inside_another() {
        let found = of(&["aaaa", "a  a", "a bb", "aaaa"], Join { tolerance: 0, diagonal: false });
        assert_eq!(found.components.len(), 2);
        assert_eq!((found.components[0].width(), found.components[0].height()), (4, 4));
        assert_eq!((found.components[0].area, found.components[1].area), (11, 2));
    }

    #[test]
    fn corners_join_only_when_asked_for() {
        let picture = ["a  ", " a ", "  a"];
        assert_eq!(of(&picture, Join { tolerance: 0, diagonal: false }).components.len(), 3);
        assert_eq!(of(&picture, Join { tolerance: 0, diagonal: true }).components.len(), 1);
    }

    #[test]
    fn an_empty_row_separates() {
        assert_eq!(of(&["aa", "  ", "aa"], Join { tolerance: 0, diagonal: true }).components.len(), 2);
    }
}
