//! What the sweep claims to reach; the sweep itself is `ticketroom-crash sweep`.

use ticketroom::crash::POINTS;
use ticketroom_crash::runs::sweep::way_to;

#[test]
fn the_sweep_knows_a_way_to_each_point() {
    assert!(POINTS.len() >= 30);
    let unknown: Vec<_> = POINTS.iter().filter(|point| way_to(point).is_none()).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
