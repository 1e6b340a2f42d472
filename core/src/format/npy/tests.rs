use proptest::prelude::*;

use super::*;

fn file(version: u8, dict: &str) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend([version, 0]);
    if version == 1 {
        bytes.extend((dict.len() as u16).to_le_bytes());
    } else {
        bytes.extend((dict.len() as u32).to_le_bytes());
    }
    bytes.extend(dict.as_bytes());
    bytes
}

#[test]
fn headers_of_every_version_are_read() {
    let dict = "{'descr': '<f2', 'fortran_order': True, 'shape': (10, 3), }   \n";
    for version in [1, 2, 3] {
        let bytes = file(version, dict);
        let header = parse_header(&bytes).unwrap();
        assert_eq!(header.dtype, Dtype::F16);
        assert!(header.fortran_order);
        assert_eq!(header.shape, [10, 3]);
        assert_eq!(header.data_offset, bytes.len() as u64);
        assert_eq!(header.file_length(), Ok(bytes.len() as u64 + 60));
    }
}

#[test]
fn other_spellings_of_the_same_header_are_read() {
    let dict = r#"{"shape":(7L,),"fortran_order":False,"descr":">i8"}"#;
    let header = parse_header(&file(1, dict)).unwrap();
    assert_eq!(header.shape, [7]);
    assert_eq!(header.dtype, Dtype { kind: Kind::Signed, size: 8, big_endian: true });
    let scalar = parse_header(&file(1, "{'descr': '|u1', 'fortran_order': False, 'shape': ()}")).unwrap();
    assert!(scalar.shape.is_empty());
}

#[test]
fn wrong_headers_say_what_is_wrong() {
    let message = |bytes: &[u8]| parse_header(bytes).unwrap_err().to_string();
    let dict = |dict: &str| message(&file(1, dict));
    assert!(message(b"PK\x03\x04").contains("no .npy file"));
    assert!(message(b"").contains("no .npy file"));
    assert!(message(b"\x93NUMPY\x01").contains("ends after 7 bytes"));
    assert!(message(b"\x93NUMPY\x04\x00aaaa").contains("version 4.0"));
    assert!(message(b"\x93NUMPY\x02\x00\xff\xff\xff\xff").contains("limit"));
    assert!(message(&file(1, "{'descr': '<f4'}")[..20]).contains("cut off"));
    assert!(dict("{'descr': '<f4', 'shape': (1,)}").contains("no fortran_order"));
    assert!(dict("{'descr': '<c8', 'fortran_order': False, 'shape': (1,)}").contains("<c8"));
    assert!(dict("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}").contains("astype"));
    assert!(dict("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}").contains("tuple"));
    let huge = "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 9)}";
    let huge = parse_header(&file(1, huge)).unwrap();
    assert!(huge.check_length(5).unwrap_err().to_string().contains("larger than any file"));
}

#[test]
fn a_wrong_length_names_both_lengths() {
    let header = parse_header(&header(Dtype::F32, &[10, 2])).unwrap();
    assert_eq!(header.check_length(128 + 80), Ok(()));
    let message = header.check_length(128 + 79).unwrap_err().to_string();
    assert!(message.contains("(10, 2)") && message.contains("208") && message.contains("207"), "{message}");
}

#[test]
fn written_headers_are_pinned() {
    let bytes = header(Dtype::U64, &[5]);
    assert_eq!(bytes.len(), 128);
    let text = "\u{1}\0v\0{'descr': '<u8', 'fortran_order': False, 'shape': (5,), }";
    assert_eq!(&bytes[6..6 + text.len()], text.as_bytes());
    assert!(bytes[6 + text.len()..127].iter().all(|&b| b == b' '));
    assert_eq!(bytes[127], b'\n');
}

proptest! {
    #[test]
    fn parsing_never_panics(bytes: Vec<u8>) {
        let _ = parse_header(&bytes);
        let _ = parse_header(&[MAGIC, &[1, 0][..], &bytes].concat());
    }

    #[test]
    fn parsing_never_panics_on_nearly_headers(dict in r"\{('(descr|shape|fortran_order)': ?('<f4'|True|\([0-9L, é]{0,6}\)|é),? ?){0,4}\}?") {
        if let Ok(header) = parse_header(&file(1, &dict)) {
            let _ = header.check_length(0);
        }
    }

    #[test]
    fn written_headers_are_read_back(shape in prop::collection::vec(any::<u64>(), 0..4)) {
        for dtype in [Dtype::F16, Dtype::F32, Dtype::I32, Dtype::U64] {
            let bytes = header(dtype, &shape);
            prop_assert_eq!(bytes.len() % 64, 0);
            let back = parse_header(&bytes).unwrap();
            prop_assert_eq!(&back.shape, &shape);
            prop_assert_eq!((back.dtype, back.fortran_order), (dtype, false));
        }
    }
}
