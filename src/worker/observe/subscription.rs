//! What the attention place watches: one view, shown anew while training. Invariant: renewing takes at
//! most one part in [`SHARE`] of the time of a run.

use crate::observe::infer::absent;
use crate::observe::moved_up;
use crate::session::Session;
use dino_core::error::Result;
use dino_core::protocol::{AttentionView, Event, Floats, Seer, View};
use dino_engine::train::trainer::Trainer;
use web_time::{Duration, Instant};

/// What is watched is renewed at most so often while training …
pub(crate) const REFRESH: Duration = Duration::from_secs(2);

/// … and takes at most one part in so many of the time.
pub(crate) const SHARE: u32 = 10;

/// The view that is watched.
pub struct Watched {
    pub(crate) view: Option<View>,
    pub(crate) renew_at: Instant,
    /// It changed, and nobody has shown it yet.
    pub owed: bool,
}

impl Default for Watched {
    fn default() -> Self {
        Self { view: None, renew_at: Instant::now(), owed: false }
    }
}

impl Watched {
    /// Another run: it has no moments yet.
    pub fn begin(&mut self) {
        if let Some(view) = &mut self.view {
            view.moment = None;
        }
    }

    /// An image left the set; if it was this one, the next takes its place.
    pub fn removed(&mut self, image: usize) {
        if let Some(view) = &mut self.view {
            view.image = moved_up(view.image, image);
        }
    }

    /// Nothing is due yet.
    pub fn postpone(&mut self) {
        self.renew_at = Instant::now() + REFRESH;
    }

    /// It is shown once more; a moment does not change.
    pub fn owe(&mut self) {
        self.owed = self.view.as_ref().is_some_and(View::moves);
    }

    fn showed(&mut self, begin: Instant) {
        self.owed = false;
        self.renew_at = Instant::now() + REFRESH.max(begin.elapsed() * SHARE);
    }
}

impl Session {
    pub(crate) async fn watch(&mut self, mut view: View) -> Result<Event> {
        if view.moment.is_some() {
            view.seer = Seer::Teacher;
        }
        self.known(view.image)?;
        let begin = Instant::now();
        let look = self.look(view.clone()).await?;
        self.views.watched.view = Some(view);
        self.views.watched.showed(begin);
        Ok(look)
    }

    /// Shows what is watched if it is time.
    pub(crate) async fn renew_now_and_then(&mut self) -> Result<()> {
        let watched = &self.views.watched;
        if watched.view.as_ref().is_some_and(View::moves) && Instant::now() >= watched.renew_at {
            self.renew().await?;
        }
        Ok(())
    }

    /// Shows what is watched, or what is nearest to it where it is there no longer.
    pub(crate) async fn renew(&mut self) -> Result<()> {
        let begin = Instant::now();
        self.views.watched.showed(begin);
        let last = self.images.len().checked_sub(1);
        let (Some(last), Some(mut view)) = (last, self.views.watched.view.clone()) else {
            return Ok(());
        };
        let Some(vit) = self.vit(view.seer) else { return Ok(()) };
        view.image = view.image.min(last);
        view.layer = view.layer.min(vit.depth.saturating_sub(1));
        self.views.watched.view = Some(view.clone());
        let look = self.look(view).await?;
        self.link.post(look);
        self.views.watched.showed(begin);
        Ok(())
    }

    pub(crate) async fn look(&mut self, view: View) -> Result<Event> {
        let View { image, seer, layer, side, moment } = view;
        let sight = self.see(image, seer, layer, side, moment).await?;
        let vit = self.vit(seer).ok_or_else(absent)?;
        let (patch, layers) = (vit.patch_size, vit.depth);
        let [width, height] = sight.grid;
        let now = self.trainer.as_ref().map_or(0, Trainer::step_index);
        Ok(Event::AttentionView(AttentionView {
            step: view.moment.unwrap_or(now),
            view,
            picture: sight.picture.into(),
            patch,
            width,
            height,
            heads: sight.heads,
            layers,
            attention: Floats(sight.result.attention),
            features: Floats(sight.result.features),
            dim: sight.dim,
            queries: Floats(sight.result.queries),
            keys: Floats(sight.result.keys),
        }))
    }
}
