//! What the attention place watches: one view, shown anew while training. Invariant: renewing takes at
//! most one part in [`SHARE`] of the time of a run.

use crate::observe::infer::absent;
use crate::observe::moved_up;
use crate::session::Session;
use dino_core::error::Result;
use dino_core::floats::Floats;
use dino_core::protocol::{AttentionView, Event, View};
use dino_core::run::network::Network;
use dino_core::view::attention::AttentionMaps;
use dino_engine::train::trainer::{Inference, Trainer};
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
    /// Another run: it has no snapshots yet.
    pub fn begin(&mut self) {
        if let Some(view) = &mut self.view
            && matches!(view.network, Network::Snapshot(_))
        {
            view.network = Network::Teacher;
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

    /// It is shown once more; a snapshot does not change.
    pub fn owe(&mut self) {
        self.owed = self.view.as_ref().is_some_and(|view| view.network.trains());
    }

    fn showed(&mut self, begin: Instant) {
        self.owed = false;
        self.renew_at = Instant::now() + REFRESH.max(begin.elapsed() * SHARE);
    }
}

impl Session {
    pub(crate) async fn watch(&mut self, view: View) -> Result<Event> {
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
        if watched.view.as_ref().is_some_and(|view| view.network.trains())
            && Instant::now() >= watched.renew_at
        {
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
        let Some(vit) = self.vit(view.network) else { return Ok(()) };
        view.image = view.image.min(last);
        view.layer = view.layer.min(vit.depth.saturating_sub(1));
        self.views.watched.view = Some(view.clone());
        let look = self.look(view).await?;
        self.link.post(look);
        self.views.watched.showed(begin);
        Ok(())
    }

    pub(crate) async fn look(&mut self, view: View) -> Result<Event> {
        let View { image, network, layer, side } = view;
        let inference = self.infer(image, network, layer, side).await?;
        let vit = self.vit(network).ok_or_else(absent)?;
        let (patch, layers) = (vit.patch_size, vit.depth);
        let now = self.trainer.as_ref().map_or(0, Trainer::step_index);
        let Inference { grid, heads, dim, picture, result } = inference;
        Ok(Event::AttentionView(AttentionView {
            step: if let Network::Snapshot(step) = network { step } else { now },
            view,
            picture,
            patch,
            layers,
            maps: AttentionMaps { heads, grid, values: result.attention },
            features: Floats(result.features),
            dim,
            queries: Floats(result.queries),
            keys: Floats(result.keys),
        }))
    }
}
