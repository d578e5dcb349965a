//! Tests of images that leave the set and of their labels. Invariant: a choice, a pin and a map stay with their image.

use super::{add, add_images, maps, show, shown_image, view, with_model};
use dino_core::protocol::{Event, LabelLevel, Labelling};
use dino_core::view::attention::ImageMaps;
use leptos::prelude::*;

#[test]
fn removing_an_image_before_the_chosen_one_keeps_the_choice_on_its_image() {
    with_model(|model| {
        add_images(model, 4);
        model.chosen.set(2);
        model.apply(Event::Removed { index: 0 });
        assert_eq!(model.chosen.get_untracked(), 1);
        assert_eq!(model.name_of(Some(1)), "2.jpg");
        let indices: Vec<_> =
            model.images.with_untracked(|all| all.iter().map(|i| i.index).collect());
        assert_eq!(indices, [0, 1, 2]);
        model.apply(Event::Removed { index: 2 });
        assert_eq!(model.chosen.get_untracked(), 1);
    });
}

#[test]
fn removing_the_chosen_image_chooses_the_next_or_else_the_last() {
    with_model(|model| {
        add_images(model, 3);
        model.chosen.set(1);
        model.apply(Event::Removed { index: 1 });
        assert_eq!(model.name_of(Some(model.chosen.get_untracked())), "2.jpg");
        model.apply(Event::Removed { index: 1 });
        assert_eq!(model.name_of(Some(model.chosen.get_untracked())), "0.jpg");
        model.apply(Event::Removed { index: 0 });
        assert_eq!(model.chosen.get_untracked(), 0);
        model.apply(Event::Removed { index: 7 });
        assert_eq!(model.images.with_untracked(Vec::len), 0);
    });
}

#[test]
fn a_removed_image_leaves_its_label_its_pin_and_its_maps() {
    with_model(|model| {
        add(model, "a", Some("cat"));
        add(model, "b", Some("dog"));
        add(model, "c", Some("cat"));
        [0, 1, 2].iter().for_each(|image| model.attention.toggle_pin(*image));
        let map = |image| ImageMaps { image, maps: maps(1) };
        model.apply(Event::Pinned { step: 3, maps: vec![map(1), map(2)] });
        model.apply(Event::Removed { index: 1 });
        assert_eq!(model.attention.pinned.get_untracked(), [0, 1]);
        assert_eq!(model.pinned_names(), ["a", "c"]);
        assert_eq!(
            model.labels.get_untracked().into_iter().collect::<Vec<_>>(),
            [("cat".to_owned(), 2)]
        );
        model.attention.lapse.with_untracked(|lapse| {
            assert!(lapse.map(0, 1).is_some(), "c moved up");
            assert!(lapse.map(0, 2).is_none());
        });
    });
}

#[test]
fn removing_any_image_asks_for_the_watched_view_again() {
    with_model(|model| {
        add_images(model, 3);
        show(model, 1);
        assert_eq!(shown_image(model), Some(1));
        assert_eq!(model.attention.next(Some(view(1))), None, "it is here");
        model.apply(Event::Removed { index: 1 });
        assert_eq!(shown_image(model), None);
        assert_eq!(model.attention.next(Some(view(1))), Some(view(1)));
    });
}

#[test]
fn clearing_the_set_forgets_choice_pins_and_summary() {
    with_model(|model| {
        add_images(model, 3);
        model.chosen.set(2);
        model.attention.toggle_pin(1);
        show(model, 2);
        model.apply(Event::Imported { added: 3, skipped: Vec::new(), passed_over: 0 });
        model.apply(Event::Cleared);
        assert_eq!(model.chosen.get_untracked(), 0);
        assert!(model.attention.pinned.get_untracked().is_empty());
        assert!(model.summary.get_untracked().is_none());
        assert_eq!(shown_image(model), None);
    });
}

#[test]
fn labels_come_for_all_images_at_once_and_their_levels_can_be_chosen() {
    with_model(|model| {
        add_images(model, 3);
        let level = LabelLevel { depth: 1, count: 2, examples: vec!["cat".into(), "dog".into()] };
        let labels = ["cat", "dog", "dog"].map(|label| Some(label.to_owned()));
        let labelling =
            Labelling { depth: Some(1), levels: vec![level.clone()], labels: labels.to_vec() };
        model.apply(Event::Labelled(labelling));
        let counts = || model.labels.get_untracked().into_iter().collect::<Vec<_>>();
        assert_eq!(counts(), [("cat".to_owned(), 1), ("dog".to_owned(), 2)]);
        assert_eq!(model.label_levels.get_untracked(), (Some(1), vec![level]));
        model.apply(Event::Removed { index: 0 });
        assert_eq!(counts(), [("dog".to_owned(), 2)]);
        model.apply(Event::Cleared);
        assert!(counts().is_empty() && model.label_levels.get_untracked().1.is_empty());
    });
}
