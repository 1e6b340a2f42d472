//! Embeds the `text` field of a JSONL file: `lexical_embed IN.jsonl OUT.npy`. Says how fast.

use std::error::Error;
use std::io::Write;
use std::time::Instant;

use clusterclip_core::embed::lexical::{FitSample, Params};
use clusterclip_core::monitor::{CancelFlag, Monitor};

#[derive(serde::Deserialize)]
struct Record {
    text: String,
}

fn main() -> Result<(), Box<dyn Error>> {
    let [input, output] =
        std::env::args().skip(1).collect::<Vec<_>>().try_into().map_err(|_| "IN.jsonl OUT.npy")?;
    let lines = std::fs::read_to_string(input)?;
    let records = lines.lines().map(serde_json::from_str).collect::<Result<Vec<Record>, _>>()?;
    let texts: Vec<&str> = records.iter().map(|record| record.text.as_str()).collect();
    let megabytes = texts.iter().map(|text| text.len()).sum::<usize>() as f64 / 1e6;

    let start = Instant::now();
    let mut sample = FitSample::new(Params::default())?;
    for (first, batch) in (0..).step_by(1024).zip(texts.chunks(1024)) {
        sample.offer_batch(first, batch);
    }
    let sampled = start.elapsed().as_secs_f64();
    let model = sample.fit(&Monitor::silent())?;
    let fitted = start.elapsed().as_secs_f64();
    let mut rows = vec![0.0; texts.len() * model.n_features()];
    let (mut featureless, cancel) = (0, CancelFlag::default());
    for (out, batch) in rows.chunks_mut(1024 * model.n_features()).zip(texts.chunks(1024)) {
        let flags = model.transform(batch, out, &cancel)?;
        featureless += flags.into_iter().filter(|&flag| flag).count();
    }
    let total = start.elapsed().as_secs_f64();
    eprintln!(
        "{} documents, {megabytes:.1} MB: sample {sampled:.2} s, fit {:.2} s, transform {:.2} s: {:.1} MB/s; \
         {featureless} featureless; {model:?}, {} bytes",
        texts.len(),
        fitted - sampled,
        total - fitted,
        megabytes / total,
        model.to_bytes().len(),
    );

    let shape = format!("({}, {})", texts.len(), model.n_features());
    let header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}");
    let padded = (10 + header.len() + 1).next_multiple_of(64) - 10;
    let mut file = std::io::BufWriter::new(std::fs::File::create(output)?);
    file.write_all(b"\x93NUMPY\x01\x00")?;
    file.write_all(&u16::try_from(padded)?.to_le_bytes())?;
    file.write_all(format!("{header:<width$}\n", width = padded - 1).as_bytes())?;
    for value in rows {
        file.write_all(&value.to_le_bytes())?;
    }
    Ok(file.flush()?)
}
