//! WSDLs: every operation of what can be read is projected, and what comes of it holds together.
#![no_main]

use custody_fuzz::template::{Template, from_wsdl, operations};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(names) = operations(bytes) else { return };
    for name in names.iter().take(4) {
        let Ok(projected) = from_wsdl(bytes, name) else { continue };
        let template = projected.template;
        template.check().expect("what is projected holds together");
        let stored = Template::from_json(&template.to_json().expect("it is small")).expect("its own text");
        assert_eq!(stored, template);
    }
});
