//! The feature `serde`: metrics can be serialised. (A binary of its own: with serde_json in sight, numbers in other tests would
//! need more types.)

use paceline::ThreadPoolBuilder;

#[test]
fn all_of_a_snapshot_can_be_serialised() {
    let pool = ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    pool.install(|| ());
    let value = serde_json::to_value(pool.metrics()).unwrap();
    assert_eq!((&value["num_threads"], &value["rule"]), (&2.into(), &"Builder".into()));
    let jobs: u64 = value["workers"].as_array().unwrap().iter().map(|worker| worker["jobs"].as_u64().unwrap()).sum();
    assert_eq!(jobs, 1);
    assert_eq!(value["waiting"]["injected"], 0);
    assert!(value["elapsed"]["secs"].is_u64(), "times are written as serde writes std's");
}
