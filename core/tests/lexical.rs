//! Claims of the lexical embedder as callers see it.

use clusterclip_core::embed::lexical::{FORMAT, FitSample, Lexical, LexicalError, Params};
use clusterclip_core::monitor::{CancelFlag, Cancelled, Monitor};

/// Prose, code and scripts of many kinds: what every machine must embed to the same bytes.
fn corpus() -> Vec<String> {
    let lines = [
        "The quick brown fox jumps over the lazy dog, and the dog sleeps on.",
        "Der Straßenverkehr in München: Über 40 Züge standen still. ÉCOLE, naïve façade.",
        "Быстрая коричневая лиса перепрыгивает через ленивую собаку. Ёлка!",
        "Η γρήγορη καφέ αλεπού πηδάει πάνω από το ΤΕΜΠΕΛΙΚΟ σκυλί.",
        "素早い茶色の狐がのろまな犬を飛び越える。ラーメンとコーヒー。",
        "敏捷的棕色狐狸跳过懒狗。机器学习模型的训练数据需要平衡。",
        "สุนัขจิ้งจอกสีน้ำตาลกระโดดข้ามสุนัขขี้เกียจ",
        "빠른 갈색 여우가 게으른 개를 뛰어넘는다.",
        "الثعلب البني السريع يقفز فوق الكلب الكسول",
        "तेज भूरी लोमड़ी आलसी कुत्ते के ऊपर कूदती है",
        "fn main() { let httpServer = HTTPServer::new(8080); server.listenOn(\"0.0.0.0\")?; }",
        "def k_means(rows, n_clusters=8, seed=0):\n    return [row.argmax() for row in rows]",
        "😀 👍🏽 €100 ½ cup İstanbul 'ﬁ' e\u{301}te\u{301} co\u{ad}operate",
    ];
    (0..200)
        .map(|i| {
            let (a, b, c) = (i % lines.len(), i * 7 % lines.len(), i * i % lines.len());
            format!("{} {}\n{} item{} item{}", lines[a], lines[b], lines[c], i % 17, i % 5)
        })
        .collect()
}

fn fit(texts: &[&str], params: Params) -> Lexical {
    let mut sample = FitSample::new(params).unwrap();
    sample.offer_batch(0, texts);
    sample.fit(&Monitor::silent()).unwrap()
}

fn embed(model: &Lexical, texts: &[&str]) -> (Vec<f32>, Vec<bool>) {
    let mut rows = vec![9.0; texts.len() * model.n_features()];
    let cancel = CancelFlag::default();
    let featureless = model.transform(texts, &mut rows, &cancel).unwrap();
    (rows, featureless)
}

fn small() -> Params {
    Params { n_features: 48, sample: 150 }
}

fn digest(bytes: &[u8]) -> String {
    format!("{:016x}", xxhash_rust::xxh3::xxh3_64(bytes))
}

/// The pinned bytes: any change of them is a new format version. That they hold on other processors and in
/// wasm is shown only where this test is run there.
#[test]
fn rows_and_model_are_pinned() {
    let texts = corpus();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let model = fit(&texts, small());
    let (rows, featureless) = embed(&model, &texts);
    assert!(featureless.iter().all(|&flag| !flag));
    assert_eq!(model.n_features(), 48);
    let row_bytes: Vec<u8> = rows.iter().flat_map(|x| x.to_le_bytes()).collect();
    assert_eq!([digest(&row_bytes), digest(&model.to_bytes())], ["ab90bc293dbef8d8", "d96c327c8ca589df"]);
    // The control: one more space changes nothing, one more word changes the row.
    let spaced = format!(" {}", texts[0]);
    assert_eq!(embed(&model, &[&spaced]).0, rows[..48]);
    let longer = format!("{} fox", texts[0]);
    assert_ne!(embed(&model, &[&longer]).0, rows[..48]);
}

#[test]
fn rows_have_unit_norm_and_similar_texts_are_near() {
    let texts = corpus();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let model = fit(&texts, Params::default());
    let (rows, _) = embed(&model, &texts);
    let width = model.n_features();
    let dot = |i: usize, j: usize| -> f64 {
        let (a, b) = (&rows[i * width..][..width], &rows[j * width..][..width]);
        a.iter().zip(b).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum()
    };
    for i in 0..texts.len() {
        assert!((dot(i, i) - 1.0).abs() < 1e-6, "row {i}");
    }
    // Texts 0 and 13 have the same lines and other items; texts 0 and 1 are in other languages.
    assert!(dot(0, 13) > dot(0, 1) + 0.1, "{} {}", dot(0, 13), dot(0, 1));
}

#[test]
fn neither_threads_nor_batches_nor_order_of_offers_change_a_byte() {
    let texts = corpus();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let expected = {
        let model = fit(&texts, small());
        (model.to_bytes(), embed(&model, &texts).0)
    };
    for threads in [1, 2, 5] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        for batch in [1, 7, 200] {
            let found = pool.install(|| {
                let mut sample = FitSample::new(small()).unwrap();
                for first in (0..texts.len()).step_by(batch).rev() {
                    sample.offer_batch(first as u64, &texts[first..texts.len().min(first + batch)]);
                }
                let model = sample.fit(&Monitor::silent()).unwrap();
                let rows = texts.chunks(batch).flat_map(|batch| embed(&model, batch).0).collect::<Vec<_>>();
                (model.to_bytes(), rows)
            });
            assert!(found == expected, "{threads} threads, batches of {batch}");
        }
    }
    // The control: other row numbers make another sample.
    let mut shifted = FitSample::new(small()).unwrap();
    shifted.offer_batch(1, &texts);
    assert_ne!(shifted.fit(&Monitor::silent()).unwrap().to_bytes(), expected.0);
}

#[test]
fn a_saved_model_gives_the_same_rows_and_damage_is_an_error() {
    let texts = corpus();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let model = fit(&texts, small());
    let bytes = model.to_bytes();
    let again = Lexical::from_bytes(&bytes).unwrap();
    assert_eq!(again.to_bytes(), bytes);
    assert_eq!(embed(&again, &texts), embed(&model, &texts));

    for cut in [0, 7, 100, bytes.len() / 2, bytes.len() - 1] {
        assert!(matches!(Lexical::from_bytes(&bytes[..cut]), Err(LexicalError::Model(_))), "cut at {cut}");
    }
    let place = bytes.windows(FORMAT.len()).position(|part| part == FORMAT.as_bytes()).unwrap();
    let mut other = bytes.clone();
    other[place + FORMAT.len() - 1] = b'9';
    let message = Lexical::from_bytes(&other).unwrap_err().to_string();
    assert!(message.contains("clusterclip-lexical/9") && message.contains(FORMAT), "{message}");
    // Every byte of the header changed in turn: an error or a model, never a panic.
    let header = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize + 8;
    for place in 0..header {
        let mut damaged = bytes.clone();
        damaged[place] ^= 0x15;
        let _ = Lexical::from_bytes(&damaged);
    }
}

/// SPEC.md, 2.7 and 2.9.
#[test]
fn the_saved_model_has_the_layout_of_the_specification() {
    let texts = ["red fox", "red dog", "red fox"];
    let model = fit(&texts, Params::default());
    let header = concat!(
        r#"{"__metadata__":{"format":"clusterclip-lexical/1"},"#,
        r#""vocabulary":{"dtype":"U32","shape":[6],"data_offsets":[0,24]},"#,
        r#""projection":{"dtype":"F16","shape":[6,2],"data_offsets":[24,48]}}"#,
    );
    let padded = format!("{header:<width$}", width = header.len().next_multiple_of(8));
    let vocabulary: [u32; 6] = [0, 0x0a1b_ff1e, 0x28d1_adff, 0xbc59_1cb3, 0xfd3f_155a, 0xfe17_0a7a];
    let mut start = (padded.len() as u64).to_le_bytes().to_vec();
    start.extend(padded.bytes());
    start.extend(vocabulary.iter().flat_map(|feature| feature.to_le_bytes()));
    let bytes = model.to_bytes();
    assert_eq!((&bytes[..start.len()], bytes.len() - start.len()), (&start[..], 24));

    // With as many directions as the sample has, rows keep the cosines of the documents but for f16's rounding.
    let (rows, _) = embed(&model, &texts);
    assert_eq!(rows[..2], rows[4..]);
    let cosine = f64::from(rows[0]) * f64::from(rows[2]) + f64::from(rows[1]) * f64::from(rows[3]);
    assert!((cosine - 0.4590).abs() < 1e-3, "{cosine}");
}

#[test]
fn texts_without_words_are_featureless_and_no_others() {
    let texts = corpus();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let model = fit(&texts, Params::default());
    let huge = "unseen words without end ".repeat(200_000);
    let odd = ["", " \n\t ", "--- !!! ???", "。、", "😀", "漢", "ไ", "zzzunseen", "a", "7", &huge];
    let (rows, featureless) = embed(&model, &odd);
    assert_eq!(featureless, [true, true, true, true, false, false, false, false, false, false, false]);
    for (row, flag) in rows.chunks_exact(model.n_features()).zip(&featureless) {
        let norm: f64 = row.iter().map(|&x| f64::from(x) * f64::from(x)).sum();
        assert!((norm - f64::from(u8::from(!flag))).abs() < 1e-6);
    }
    assert_eq!(embed(&model, &[]), (vec![], vec![]));
}

#[test]
fn few_equal_or_empty_documents_give_a_model_of_their_rank() {
    let cases: [(&[&str], usize); 7] = [
        (&[], 1),
        (&["", "..."], 1),
        (&["one document"], 1),
        (&["one document", "another text"], 2),
        (&["one document", "another text", "third thing"], 3),
        (&["the same", "the same", "the same"], 1),
        (&["one", "", "two"], 2),
    ];
    for (texts, rank) in cases {
        let model = fit(texts, Params::default());
        assert_eq!(model.n_features(), rank, "{texts:?}");
        let (rows, featureless) = embed(&model, texts);
        for ((row, &flag), text) in rows.chunks_exact(rank).zip(&featureless).zip(texts) {
            assert_eq!(flag, !text.bytes().any(|b| b.is_ascii_alphanumeric()), "{text:?}");
            assert!(row.iter().all(|x| x.is_finite()));
        }
        assert_eq!(embed(&Lexical::from_bytes(&model.to_bytes()).unwrap(), texts).0, rows);
    }
    let copies = vec!["all of these documents are equal"; 100];
    assert_eq!(fit(&copies, Params::default()).n_features(), 1);
}

#[test]
fn parameters_have_limits() {
    for params in [
        Params { n_features: 0, ..Params::default() },
        Params { n_features: 1025, ..Params::default() },
        Params { sample: 0, ..Params::default() },
    ] {
        assert!(matches!(FitSample::new(params), Err(LexicalError::Parameter { .. })), "{params:?}");
    }
}

/// That a long call ends within 100 ms is not proved here, only that each step listens.
#[test]
fn a_fit_and_a_transform_stop_when_asked_to() {
    let cancel = CancelFlag::default();
    cancel.cancel();
    let mut sample = FitSample::new(Params::default()).unwrap();
    sample.offer(0, "some text");
    let fitted = sample.fit(&Monitor::new(&|_| {}, cancel.clone()));
    assert!(matches!(fitted, Err(LexicalError::Cancelled(_))));

    let model = fit(&["some text"], Params::default());
    let mut rows = vec![0.0; model.n_features()];
    let stopped = model.transform(&["some text"], &mut rows, &cancel);
    assert_eq!(stopped, Err(Cancelled));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(32))]

    /// Any Unicode at all: no panic, unit norm or the flag, and the same row alone and in a batch.
    #[test]
    fn any_texts_become_unit_rows_or_are_flagged(
        texts in proptest::collection::vec("(?s)(\\PC|.){0,60}", 1..40),
    ) {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let model = fit(&texts, Params::default());
        let (rows, featureless) = embed(&model, &texts);
        let width = model.n_features();
        for ((row, flag), text) in rows.chunks_exact(width).zip(&featureless).zip(&texts) {
            let norm: f64 = row.iter().map(|&x| f64::from(x) * f64::from(x)).sum();
            proptest::prop_assert!((norm - f64::from(u8::from(!flag))).abs() < 1e-6, "{text:?}: {norm}");
            let alone = embed(&model, &[text]);
            proptest::prop_assert_eq!(&alone.0[..], row);
        }
    }
}
