//! A scope that is kept for later.

fn main() {
    let mut kept = None;
    paceline::scope(|scope| kept = Some(scope)); //~ E0521
    kept.unwrap().spawn(|_| println!("too late"));
}
