//! Files that claim or unpack to more than anybody can hold.

use arrow_array::NullArray;
use clusterclip_core::format::records::Template;
use clusterclip_engine::input::labels::{self, LabelOptions};
use parquet::basic::{BrotliLevel, Compression, ZstdLevel};
use parquet::file::metadata::{ColumnChunkMetaDataBuilder, ParquetMetaData, ParquetMetaDataWriter};
use parquet::file::reader::{FileReader as _, SerializedFileReader};

use super::*;

/// Two columns of Parquet, their metadata changed; `chunk` is put in the place of the first one's bytes.
fn changed(
    path: &Path,
    chunk: &[u8],
    change: impl Fn(ColumnChunkMetaDataBuilder) -> ColumnChunkMetaDataBuilder,
) {
    let columns = vec![("text", strings(&[Some("one")])), ("more", strings(&[Some("two")]))];
    parquet(path, &[batch(columns)], plain().set_dictionary_enabled(false));
    let metadata = SerializedFileReader::new(File::open(path).unwrap()).unwrap().metadata().clone();
    let group = metadata.row_group(0);
    let columns = group.columns().iter().map(|column| change(column.clone().into_builder()).build().unwrap());
    let group = group.clone().into_builder().set_column_metadata(columns.collect()).build().unwrap();
    let metadata: ParquetMetaData = metadata.into_builder().set_row_groups(vec![group]).build();
    let mut bytes = if chunk.is_empty() { fs::read(path).unwrap() } else { [b"PAR1", chunk].concat() };
    ParquetMetaDataWriter::new(&mut bytes, &metadata).finish().unwrap();
    fs::write(path, bytes).unwrap();
}

/// A length as the headers of pages have it.
fn varint(length: usize) -> Vec<u8> {
    let mut left = 2 * length;
    let mut bytes = Vec::new();
    while left > 127 {
        bytes.push(left as u8 | 128);
        left >>= 7;
    }
    bytes.push(left as u8);
    bytes
}

#[test]
fn a_page_that_unpacks_to_more_than_its_column_has_is_refused() {
    let folder = Folder::new();
    let path = folder.path("a.parquet");
    let mut brotli = brotli::CompressorWriter::new(Vec::new(), 1 << 16, 1, 22);
    brotli.write_all(&vec![0; 17 << 20]).unwrap();
    let packed = brotli.into_inner();
    assert!(packed.len() < 10_000);
    // A data page of a plain value, which should have 100 bytes.
    let header = [&[0x15, 0, 0x15][..], &varint(100), &[0x15], &varint(packed.len())].concat();
    let header = [&header[..], &[0x2C, 0x15, 2, 0x15, 0, 0x15, 6, 0x15, 6, 0, 0]].concat();
    let chunk = [header, packed].concat();
    changed(&path, &chunk, |column| {
        let column = column.set_data_page_offset(4).set_dictionary_page_offset(None);
        column
            .set_total_compressed_size(chunk.len() as i64)
            .set_compression(Compression::BROTLI(BrotliLevel::default()))
    });
    let message = failure(read(&path, Options::default()));
    assert!(message.contains("a page unpacks to more than 16777216 bytes"), "{message}");
    let options = LabelOptions { cluster_field: Some("text".to_owned()), ..LabelOptions::default() };
    let message = failure(labels::read(&path, &options, &Monitor::silent()));
    assert!(message.contains("a page unpacks to more than 16777216 bytes"), "{message}");
}

/// Before the decoder takes as much memory, of codecs that stop by themselves too.
#[test]
fn a_page_that_claims_to_be_far_longer_than_it_is_packed_is_refused() {
    let folder = Folder::new();
    let path = folder.path("a.parquet");
    let packed = zstd(b"\x03\0\0\0one");
    let header = [&[0x15, 0, 0x15][..], &varint(300 << 20), &[0x15], &varint(packed.len())].concat();
    let header = [&header[..], &[0x2C, 0x15, 2, 0x15, 0, 0x15, 6, 0x15, 6, 0, 0]].concat();
    let chunk = [header, packed].concat();
    changed(&path, &chunk, |column| {
        let column = column.set_data_page_offset(4).set_dictionary_page_offset(None);
        column
            .set_total_compressed_size(chunk.len() as i64)
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
    });
    let options = LabelOptions { cluster_field: Some("text".to_owned()), ..LabelOptions::default() };
    let labels = failure(labels::read(&path, &options, &Monitor::silent()));
    for message in [failure(read(&path, Options::default())), labels] {
        assert!(message.contains("claims to unpack to 314572800"), "{message}");
    }
}

#[test]
fn sizes_that_add_up_to_more_than_a_number_holds_are_no_panic() {
    let folder = Folder::new();
    let path = folder.path("a.parquet");
    changed(&path, &[], |column| column.set_total_uncompressed_size(i64::MAX));
    let fields = Fields { text: vec!["text".to_owned(), "more".to_owned()], ..Fields::default() };
    assert_eq!(texts(&path, fields), ["one\ntwo"]);

    let count = 123_456_789_i64;
    let nulls = batch(vec![("text", Arc::new(NullArray::new(count as usize)) as ArrayRef)]);
    let path = folder.path("b.arrow");
    arrow_stream(&path, &[nulls.clone(), nulls.clone(), nulls], None);
    let bytes = replaced(&fs::read(&path).unwrap(), count, i64::MAX);
    let message = failure(read(&folder.write("b.arrow", bytes), Options::default()));
    assert!(message.contains("b.arrow") && message.contains("claim absurdly many rows"), "{message}");
}

/// The bytes with another number wherever one stands.
fn replaced(bytes: &[u8], number: i64, other: i64) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let places = 0..bytes.len() - 7;
    for place in places {
        if bytes[place..place + 8] == number.to_le_bytes() {
            bytes[place..place + 8].copy_from_slice(&other.to_le_bytes());
        }
    }
    bytes
}

#[test]
fn a_row_of_too_many_values_is_named_even_if_all_are_null() {
    let folder = Folder::new();
    let row = |values: usize| {
        let mut lists = ListBuilder::new(Int32Builder::new());
        lists.append(true);
        lists.values().append_nulls(values);
        lists.append(true);
        let columns =
            vec![("text", strings(&[Some("a"), Some("b")])), ("list", Arc::new(lists.finish()) as ArrayRef)];
        everywhere(&folder, &[batch(columns)])
    };
    let template = || Fields { template: Some(Template::new("{{ text }}").unwrap()), ..Fields::default() };
    for path in row(10_000) {
        assert_eq!(texts(&path, template()), ["a", "b"]);
    }
    for path in row(1 << 20) {
        let message = failure(read(&path, Options { fields: template(), ..Options::default() }));
        assert!(
            message.contains("row 1: the columns that are read hold more than 1048576 values"),
            "{message}"
        );
    }
}

#[test]
fn a_packed_batch_of_more_than_the_limit_is_refused_before_it_is_unpacked() {
    let folder = Folder::new();
    let path = folder.path("a.arrow");
    // Bytes that do not shrink, so that their claim is no absurd one.
    let mut state = 1u64;
    let long: String = (0..400_003)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            char::from(b' ' + (state >> 58) as u8)
        })
        .collect();
    arrow_stream(&path, &[batch(vec![("text", strings(&[Some(&long)]))])], Some(CompressionType::ZSTD));
    assert_eq!(texts(&path, Fields::default())[0].len(), long.len());
    let bytes = replaced(&fs::read(&path).unwrap(), long.len() as i64, 5 << 30);
    let message = failure(read(&folder.write("a.arrow", bytes), Options::default()));
    assert!(message.contains("a.arrow: record batch 0 is more than 4 GiB unpacked"), "{message}");
}

#[test]
fn a_codec_that_is_not_read_is_not_told_as_damage() {
    let folder = Folder::new();
    let path = folder.path("a.parquet");
    changed(&path, &[], |column| column.set_compression(Compression::LZO));
    let message = failure(read(&path, Options::default()));
    assert!(message.contains("a.parquet: row group 0 is written in a way that is not read"), "{message}");
    assert!(message.contains("LZO") && !message.contains("encrypted"), "{message}");
}
