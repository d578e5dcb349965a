//! Intake of files that a person drops, pastes or picks, anywhere on the page: images go to the set, weights to the run.
//! Invariant: everything that was given is taken, refused in words, or counted.

use crate::client::transfer::{Dropped, Found, MOST, head};
use crate::context::Page;
use crate::context::weights::WeightsFile;
use crate::state::intake::{HEAD, Kind, by_content, by_name, plan};
use dino_core::data::picture::MOST_IMAGES;
use dino_core::error::Unread;
use dino_core::protocol::{Command, Event};
use js_sys::Array;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{DataTransfer, File};

/// Files without an image's ending that are looked at; weights do not come beside more of them.
const LOOKED_AT: usize = 200;

/// Images for the set, and what came with them.
#[derive(Default)]
struct Images {
    files: Vec<(String, File)>,
    unread: Vec<(String, Unread)>,
    passed_over: usize,
}

impl Page {
    /// Reads what was dropped, folders too.
    pub fn take_dropped(self, data: &DataTransfer) {
        let dropped = Dropped::new(data);
        let searching = self.model.searching;
        spawn_local(async move {
            searching.set(Some(0));
            let found = dropped.files(searching).await;
            searching.set(None);
            self.take_found(found).await;
        });
    }

    /// Sends files to the worker, each as what it is.
    pub async fn take_found(self, found: Found) {
        let text = &self.words.now().images;
        if found.files.is_empty() && found.unread.is_empty() {
            let none = if found.address { text.address } else { text.no_files };
            return self.model.complain(none.to_owned());
        }
        if found.cut {
            self.model.complain((text.too_many_files)(MOST));
        }
        let Found { mut files, unread, passed_over, .. } = found;
        let plan = plan(&kinds(&files).await);
        let path = |i: usize| files[i].0.clone();
        if let Some(weights) = plan.weights {
            if !plan.left.is_empty() {
                let left: Vec<String> = plan.left.iter().map(|i| path(*i)).collect();
                let words = self.words.now().weights.one_of;
                self.model.complain(words(&path(weights), &left));
            }
            let card = plan.card.map(|card| files[card].1.clone());
            self.load_weights(WeightsFile { file: files[weights].1.clone(), card }, None);
            if plan.images.is_empty() && unread.is_empty() {
                return;
            }
        }
        if plan.images.len() < files.len() {
            let mut at = 0..;
            files.retain(|_| at.next().is_some_and(|i| plan.images.binary_search(&i).is_ok()));
        }
        self.add_images(Images { files, unread, passed_over }).await;
    }

    /// Takes in what was picked as weights: a file, with its configuration if it came along.
    pub async fn take_picked_weights(self, list: &Array) {
        let Found { files, .. } = Found::picked(list);
        let is_card = |path: &str| by_name(path) == Some(Kind::Card);
        let card = files.iter().find(|(path, _)| is_card(path)).map(|(_, file)| file.clone());
        // Whatever else was picked is meant as weights, and refused as such.
        for (_, file) in files.into_iter().filter(|(path, _)| !is_card(path)) {
            self.load_weights(WeightsFile { file, card: card.clone() }, None);
        }
    }

    /// Sends images to be decoded and added, as many as the set can have; if that fails, the page says so. The first of
    /// those that were added is then chosen.
    async fn add_images(self, mut images: Images) {
        let room = MOST_IMAGES.saturating_sub(self.model.images.with_untracked(Vec::len));
        if images.files.len() > room {
            let text = &self.words.now().images;
            self.model.complain((text.too_many)(MOST_IMAGES, images.files.len() - room));
            images.files.truncate(room);
        }
        match self.import(images).await {
            // What a person brings is what they want to see.
            Ok(Event::Imported { added, .. }) if added > 0 => {
                let all = self.model.images.with_untracked(Vec::len);
                self.choose(all.saturating_sub(added));
            }
            Ok(_) => {}
            Err(message) => self.model.complain(message),
        }
    }

    async fn import(self, images: Images) -> Result<Event, String> {
        let Images { files, unread, passed_over } = images;
        let (paths, files): (Vec<String>, Vec<File>) = files.into_iter().unzip();
        let command = Command::AddFiles { paths, unread, passed_over };
        self.call(command, &files.iter().collect()).await
    }

    /// Sends files to be decoded and added as images.
    ///
    /// # Errors
    /// The sentence that the worker answered, or one if there is something else than files among them.
    pub async fn add(self, files: &Array) -> Result<Event, String> {
        let found = Found::picked(files);
        if found.files.len() + found.passed_over < files.length() as usize {
            return Err(self.words.now().common.not_a_file.to_owned());
        }
        let Found { files, unread, passed_over, .. } = found;
        self.import(Images { files, unread, passed_over }).await
    }

    /// Adds one image under a name.
    pub async fn add_one(self, name: String, file: File) {
        self.add_images(Images { files: vec![(name, file)], ..Images::default() }).await;
    }
}

/// What each file is taken for.
async fn kinds(files: &[(String, File)]) -> Vec<(String, Kind)> {
    let mut kinds = Vec::with_capacity(files.len());
    let mut looked = 0;
    for (path, file) in files {
        let kind = match by_name(path) {
            Some(kind) => kind,
            // Read as an image, and refused in words if it is none: beside weights, `Other` would be left out unseen.
            None if looked == LOOKED_AT => Kind::Image,
            None => {
                looked += 1;
                // Sizes are far below 2⁵³.
                by_content(path, &head(file, HEAD).await, file.size() as u64)
            }
        };
        kinds.push((path.clone(), kind));
    }
    kinds
}
