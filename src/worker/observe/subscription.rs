//! Watched view of the page, shown anew while training. Invariant: renewing takes at most one part in [`SHARE`]
//! of the time of a run.

use crate::observe::infer::{Networks, absent};
use crate::observe::moved_up;
use crate::outbox::Outbox;
use dino_core::data::picture::ImageSet;
use dino_core::error::Result;
use dino_core::floats::Floats;
use dino_core::protocol::{AttentionView, Event, View};
use dino_core::run::network::Network;
use dino_core::view::attention::AttentionMaps;
use dino_engine::train::trainer::Inference;
use web_time::{Duration, Instant};

/// The watched view is renewed at most so often while training …
const REFRESH: Duration = Duration::from_secs(2);

/// … and takes at most one part in so many of the time.
const SHARE: u32 = 10;

/// The view that is watched.
pub struct Watched {
    view: Option<View>,
    renew_at: Instant,
    /// The view changed and is not shown anew yet.
    pub owed: bool,
}

impl Default for Watched {
    fn default() -> Self {
        Self { view: None, renew_at: Instant::now(), owed: false }
    }
}

impl Watched {
    /// Watches the teacher instead of a snapshot, because another run has no snapshots yet.
    pub fn begin(&mut self) {
        if let Some(view) = &mut self.view
            && matches!(view.network, Network::Snapshot(_))
        {
            view.network = Network::Teacher;
        }
    }

    /// Follows the removal of an image from the set; if it was the watched one, the next takes its place.
    pub fn removed(&mut self, image: usize) {
        if let Some(view) = &mut self.view {
            view.image = moved_up(view.image, image);
        }
    }

    /// Postpones the next renewal.
    pub fn postpone(&mut self) {
        self.renew_at = Instant::now() + REFRESH;
    }

    /// Asks for a renewal, except of a snapshot or the starter, which do not change.
    pub fn owe(&mut self) {
        self.owed = self.view.as_ref().is_some_and(|view| view.network.trains());
    }

    fn showed(&mut self, begin: Instant) {
        self.owed = false;
        self.renew_at = Instant::now() + REFRESH.max(begin.elapsed() * SHARE);
    }

    /// Shows a view that is asked for and watches it from then on. `begin` is when it was asked for.
    ///
    /// # Errors
    /// Those of [`look`]; then the view before it is watched as before.
    pub async fn watch(
        &mut self,
        view: View,
        begin: Instant,
        networks: &mut Networks<'_>,
        set: &ImageSet,
    ) -> Result<Event> {
        let look = look(view.clone(), networks, set).await?;
        self.view = Some(view);
        self.showed(begin);
        Ok(look)
    }

    /// Renews the view if it is time.
    ///
    /// # Errors
    /// Those of [`look`].
    pub async fn renew_now_and_then(
        &mut self,
        networks: &mut Networks<'_>,
        set: &ImageSet,
        out: &Outbox,
    ) -> Result<()> {
        if self.view.as_ref().is_some_and(|view| view.network.trains())
            && Instant::now() >= self.renew_at
        {
            self.renew(networks, set, out).await?;
        }
        Ok(())
    }

    /// Renews the view; an image or layer that no longer exists is replaced by the nearest one.
    ///
    /// # Errors
    /// Those of [`look`].
    pub async fn renew(
        &mut self,
        networks: &mut Networks<'_>,
        set: &ImageSet,
        out: &Outbox,
    ) -> Result<()> {
        let begin = Instant::now();
        self.showed(begin);
        let last = set.len().checked_sub(1);
        let (Some(last), Some(mut view)) = (last, self.view.clone()) else { return Ok(()) };
        let Some(vit) = networks.vit(view.network) else { return Ok(()) };
        view.image = view.image.min(last);
        view.layer = view.layer.min(vit.depth.saturating_sub(1));
        self.view = Some(view.clone());
        out.post(look(view, networks, set).await?);
        self.showed(begin);
        Ok(())
    }
}

/// A view of an image of the set.
///
/// # Errors
/// [`Error::NoImages`] for an image that is not there, otherwise those of [`Networks::infer`].
async fn look(view: View, networks: &mut Networks<'_>, set: &ImageSet) -> Result<Event> {
    let View { image, network, layer, side } = view;
    let picture = set.picture(image).await?;
    let inference = networks.infer(&picture, network, layer, side).await?;
    let vit = networks.vit(network).ok_or_else(absent)?;
    let (patch, layers) = (vit.patch_size, vit.depth);
    let Inference { grid, heads, dim, picture, result } = inference;
    Ok(Event::AttentionView(AttentionView {
        step: if let Network::Snapshot(step) = network { step } else { networks.step() },
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
