//! Sealing and opening of parts. `cargo bench --profile local --bench crypto`
#![allow(clippy::unwrap_used, missing_docs)]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dodolens::{
    crypto::{PartContext, SessionKey},
    domain::{
        ids::SessionId,
        plan::{DEFAULT_CHUNK_BYTES, PartIndex, UploadPlan},
    },
};

fn parts(criterion: &mut Criterion) {
    let key = SessionKey::generate().unwrap();
    let plan = UploadPlan::new(80 << 20, DEFAULT_CHUNK_BYTES, u64::MAX).unwrap();
    let part = vec![7; plan.part_bytes() as usize];
    let chunk = vec![7; DEFAULT_CHUNK_BYTES as usize];
    let context = PartContext {
        session: SessionId::from_bytes([1; 16]),
        plan,
        at: PartIndex { chunk: 3, part: 1 },
        chunk: key.fingerprint(3, &chunk),
    };
    let sealed = key.seal(&context, &part).unwrap();

    let mut group = criterion.benchmark_group("part of 341 KiB");
    group.throughput(Throughput::Bytes(part.len() as u64));
    group.bench_function("seal", |bencher| {
        bencher.iter(|| key.seal(&context, &part).unwrap())
    });
    group.bench_function("open", |bencher| {
        bencher.iter_batched(
            || sealed.clone(),
            |sealed| key.open(&context, sealed).unwrap(),
            criterion::BatchSize::LargeInput,
        );
    });
    group.finish();

    let mut group = criterion.benchmark_group("chunk of 1 MiB");
    group.throughput(Throughput::Bytes(chunk.len() as u64));
    group.bench_function("fingerprint", |bencher| {
        bencher.iter(|| key.fingerprint(3, &chunk))
    });
    group.finish();
}

criterion_group!(benches, parts);
criterion_main!(benches);
