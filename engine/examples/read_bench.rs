//! How fast texts are read, on one thread: `read_bench FILE [TEXT-FIELD]` prints documents, bytes of text and seconds as
//! JSON. `cargo xtask bench read` holds it against other readers.

use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

use clusterclip_core::format::records::Fields;
use clusterclip_core::monitor::Monitor;
use clusterclip_engine::input::{Corpus, Options};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let file = PathBuf::from(arguments.next().ok_or("usage: read_bench FILE [TEXT-FIELD]")?);
    let fields = Fields { text: arguments.collect(), ..Fields::default() };
    let corpus = Corpus::open(&[file], Options { fields, ..Options::default() }, &Monitor::silent())?;
    let begun = Instant::now();
    let (mut documents, mut bytes) = (0u64, 0u64);
    corpus.texts(&Monitor::silent(), &mut |text| {
        documents += 1;
        bytes += text.len() as u64;
        Ok(())
    })?;
    let seconds = begun.elapsed().as_secs_f64();
    println!("{{\"documents\":{documents},\"bytes\":{bytes},\"seconds\":{seconds:.6}}}");
    Ok(())
}
