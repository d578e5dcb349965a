//! Tests of the tour and the share dialog. Invariant: what is over changes nothing.

use super::with_model;
use crate::state::share::Share;
use crate::state::tour::Tour;
use leptos::prelude::*;

#[test]
fn the_tour_goes_through_every_stop_once_in_the_order_of_the_page() {
    with_model(|_| {
        let walk = |narrow| {
            let tour = Tour::new(true);
            let mut stops = Vec::new();
            while let Some(stop) = tour.at.get_untracked() {
                stops.push(stop);
                tour.go_on(stop, narrow);
            }
            assert!(!tour.walking.get_untracked());
            stops
        };
        assert_eq!(walk(false), [0, 1, 2, 3]);
        assert_eq!(walk(true), [0, 2, 1, 3]);
        assert_eq!(Tour::new(false).at.get_untracked(), None);
    });
}

#[test]
fn an_abandoned_share_job_changes_no_progress() {
    with_model(|_| {
        let share = Share::new();
        let first = share.begin();
        assert!(share.advance(first, 1, 4));
        let second = share.begin();
        assert!(!share.advance(first, 2, 4));
        assert_eq!(share.progress.get_untracked(), Some((0, 0)));
        assert!(share.waits_for(second));
        share.stop();
        assert!(!share.waits_for(second));
        assert_eq!(share.progress.get_untracked(), None);
    });
}
