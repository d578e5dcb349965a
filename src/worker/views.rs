//! What the page sees of images and networks: crops, attention, colours, neighbours. Invariant: showing
//! changes nothing of the run.

use super::Session;
use crate::error::{Error, Result};
use crate::protocol::{Attention, Crop, Event, View};
use crate::trainer::Network;
use web_time::{Duration, Instant};

/// Long side in pixels of a picture that goes to the page to be shown.
const SHOWN: usize = 384;

/// What is watched is renewed at most so often while training …
const REFRESH: Duration = Duration::from_secs(2);

/// … and takes at most one part in so many of the time.
const REFRESH_SHARE: u32 = 10;

/// What is watched.
pub struct Views {
    chosen: usize,
    /// The page has crops and attention of the chosen image.
    pub shown: bool,
    refresh_at: Instant,
}

impl Default for Views {
    fn default() -> Self {
        Self { chosen: 0, shown: false, refresh_at: Instant::now() }
    }
}

impl Views {
    /// A new run: nothing of it was shown.
    pub fn begin(&mut self) {
        self.shown = false;
    }

    /// An image left the set.
    pub fn removed(&mut self, image: usize) {
        if self.chosen > image {
            self.chosen -= 1;
        }
    }

    /// The images are gone.
    pub fn forget(&mut self) {
        self.chosen = 0;
        self.shown = false;
    }

    /// Nothing is due yet.
    pub fn postpone(&mut self) {
        self.refresh_at = Instant::now() + REFRESH;
    }
}

impl Session {
    /// What is due between two steps.
    pub(super) async fn refresh(&mut self) -> Result<()> {
        if Instant::now() >= self.views.refresh_at {
            let begin = Instant::now();
            let event = self.attention(self.views.chosen).await?;
            self.link.post(event);
            self.views.refresh_at = Instant::now() + REFRESH.max(begin.elapsed() * REFRESH_SHARE);
        }
        Ok(())
    }

    pub(super) async fn choose(&mut self, image: usize) -> Result<()> {
        self.views.chosen = image;
        if self.trainer.is_some() && image < self.images.len() {
            self.show().await?;
        }
        Ok(())
    }

    /// Crops and attention of the chosen image, for the page.
    pub(super) async fn show(&mut self) -> Result<()> {
        if self.images.is_empty() {
            return Ok(());
        }
        self.views.chosen = self.views.chosen.min(self.images.len() - 1);
        let crops = self.crops(self.views.chosen, 0).await?;
        self.link.post(crops);
        let attention = self.attention(self.views.chosen).await?;
        self.link.post(attention);
        self.views.shown = true;
        Ok(())
    }

    pub(super) async fn crops(&mut self, image: usize, draw: u32) -> Result<Event> {
        self.known(image)?;
        self.trainer().await?;
        let Some(trainer) = self.trainer.as_mut() else { return Err(Error::NoImages) };
        let working = self.images.working();
        let views = trainer.crops(working, image).await?;
        let cut = working.get(image).ok_or(Error::NoImages)?;
        let crops = views.into_iter().map(|view| Crop::new(view, cut)).collect();
        let (_, picture) = self.images.get(image).ok_or(Error::NoImages)?;
        Ok(Event::Crops { image, draw, original: picture.shrunk(SHOWN).into(), crops })
    }

    pub(super) async fn attention(&mut self, image: usize) -> Result<Event> {
        self.known(image)?;
        self.trainer().await?;
        let Some(trainer) = self.trainer.as_mut() else { return Err(Error::NoImages) };
        let (_, picture) = self.images.get(image).ok_or(Error::NoImages)?;
        let maps = trainer.attention(picture, Network::Teacher).await?;
        let step = trainer.step_index();
        let attention = Attention::new(image, step, picture.shrunk(SHOWN).into(), &maps);
        Ok(Event::Attention(attention))
    }

    pub(super) async fn watch(&mut self, view: View) -> Result<Event> {
        self.known(view.image)?;
        todo!()
    }

    pub(super) async fn colors(
        &mut self,
        images: &[usize],
        _network: Network,
        _side: usize,
    ) -> Result<Event> {
        images.iter().try_for_each(|image| self.known(*image))?;
        todo!()
    }

    pub(super) async fn neighbors(&mut self, image: usize, _count: usize) -> Result<Event> {
        self.known(image)?;
        todo!()
    }

    pub(super) fn pin(&mut self, _images: Vec<usize>, _every: u64) -> Result<()> {
        todo!()
    }

    pub(super) fn known(&self, image: usize) -> Result<()> {
        if image < self.images.len() {
            return Ok(());
        }
        let message = match self.images.len() {
            0 => return Err(Error::NoImages),
            count => format!("expected an index from 0 to {}, found {image}", count - 1),
        };
        Err(Error::config("image", message))
    }
}
