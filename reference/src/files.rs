//! A case as four files: `case.json`, `init.safetensors`, `crops.safetensors`,
//! `expect.safetensors`. Invariant: files hold float32; names are those of the golden format.

use crate::array::{Array, Tensors};
use crate::error::{Error, Result};
use crate::settings::Settings;
use crate::training::Training;
use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// A case in memory: its inputs, and the results that came out or should.
#[derive(Debug, Clone)]
pub struct Files {
    pub settings: Settings,
    /// The student at step 0; the teacher is its copy.
    pub init: Tensors,
    /// `step{i}.global` (2B, 3, G, G) and `step{i}.local` (L·B, 3, l, l).
    pub crops: Tensors,
    /// Step 0 in full, losses and schedules of all steps, and the final parameters.
    pub expect: Tensors,
}

impl Files {
    /// Runs all steps and records what the golden format records. Inputs are rounded to float32 first, as readers of
    /// the files will have them.
    ///
    /// # Errors
    /// As [`crate::Referee::run`].
    pub fn run(settings: Settings, init: Tensors, crops: Tensors) -> Result<Self> {
        let (init, crops) = (rounded(init), rounded(crops));
        let mut training = Training::new(settings.clone(), init.clone());
        let mut expect = Tensors::new();
        for i in 0..settings.steps {
            let local = crops.get(&format!("step{i}.local"));
            let step = training.step(crop(&crops, &format!("step{i}.global"))?, local)?;
            let mut keep = |name: &str, array| expect.insert(format!("step{i}.{name}"), array);
            let (outcome, schedule) = (step.outcome, step.schedule);
            keep("loss", Array::new("loss", &[1], vec![outcome.loss])?);
            let values =
                [schedule.lr, schedule.weight_decay, schedule.momentum, schedule.teacher_temp];
            keep("schedule", Array::new("schedule", &[4], values.to_vec())?);
            if i > 0 {
                continue;
            }
            keep("teacher_logits", outcome.teacher_logits);
            keep("student_logits", outcome.student_logits);
            keep("features", outcome.features);
            keep("attention", outcome.attention);
            if let Some(positions) = outcome.pos_embed_local {
                keep("pos_embed_local", positions);
            }
            for (name, gradient) in outcome.gradients {
                keep(&format!("grad.{name}"), gradient);
            }
        }
        for (role, tensors) in [("student", training.student), ("teacher", training.teacher)] {
            for (name, array) in tensors {
                expect.insert(format!("final.{role}.{name}"), array);
            }
        }
        let center = Array::new("center", &[1, training.center.len()], training.center)?;
        expect.insert("final.center".to_owned(), center);
        Ok(Self { settings, init, crops, expect })
    }

    /// Reads the four files of `directory`.
    ///
    /// # Errors
    /// [`Error::File`] with the file and what is wrong with it.
    pub fn read(directory: &Path) -> Result<Self> {
        let path = directory.join("case.json");
        let text = std::fs::read_to_string(&path).map_err(|e| Error::file(path.display(), e))?;
        let settings = serde_json::from_str(&text).map_err(|e| Error::file(path.display(), e))?;
        let read = |name: &str| read_tensors(&directory.join(name));
        Ok(Self {
            settings,
            init: read("init.safetensors")?,
            crops: read("crops.safetensors")?,
            expect: read("expect.safetensors")?,
        })
    }

    /// The four files' bytes by name.
    ///
    /// # Errors
    /// [`Error::File`] when something cannot be serialised.
    pub fn to_bytes(&self) -> Result<BTreeMap<String, Vec<u8>>> {
        let json = serde_json::to_vec_pretty(&self.settings);
        let mut files = BTreeMap::new();
        files.insert("case.json".to_owned(), json.map_err(|e| Error::file("case.json", e))?);
        for (name, tensors) in [
            ("init.safetensors", &self.init),
            ("crops.safetensors", &self.crops),
            ("expect.safetensors", &self.expect),
        ] {
            files.insert(name.to_owned(), to_safetensors(name, tensors)?);
        }
        Ok(files)
    }

    /// Writes the four files into `directory`, which is made if absent.
    ///
    /// # Errors
    /// [`Error::File`] with the file and what is wrong with it.
    pub fn write(&self, directory: &Path) -> Result<()> {
        std::fs::create_dir_all(directory).map_err(|e| Error::file(directory.display(), e))?;
        for (name, bytes) in self.to_bytes()? {
            let path = directory.join(name);
            std::fs::write(&path, bytes).map_err(|e| Error::file(path.display(), e))?;
        }
        Ok(())
    }
}

fn crop<'a>(crops: &'a Tensors, name: &str) -> Result<&'a Array> {
    crops.get(name).ok_or_else(|| Error::Tensor {
        name: name.to_owned(),
        expected: "crops".to_owned(),
        found: "nothing".to_owned(),
    })
}

fn rounded(mut tensors: Tensors) -> Tensors {
    for array in tensors.values_mut() {
        for value in array.values_mut() {
            *value = f64::from(*value as f32);
        }
    }
    tensors
}

fn read_tensors(path: &Path) -> Result<Tensors> {
    let fail = |message: &dyn std::fmt::Display| Error::file(path.display(), message);
    let bytes = std::fs::read(path).map_err(|e| fail(&e))?;
    let file = SafeTensors::deserialize(&bytes).map_err(|e| fail(&e))?;
    let mut tensors = Tensors::new();
    for (name, view) in file.tensors() {
        if view.dtype() != Dtype::F32 {
            return Err(fail(&format!("`{name}` is {:?}, expected F32", view.dtype())));
        }
        let chunks = view.data().as_chunks::<4>().0;
        let values = chunks.iter().map(|bytes| f64::from(f32::from_le_bytes(*bytes))).collect();
        tensors.insert(name.clone(), Array::new(&name, view.shape(), values)?);
    }
    Ok(tensors)
}

/// A safetensors file of `tensors` in float32.
fn to_safetensors(file: &str, tensors: &Tensors) -> Result<Vec<u8>> {
    let bytes: Vec<(&String, &Array, Vec<u8>)> = tensors
        .iter()
        .map(|(name, array)| {
            let values = array.values().iter();
            (name, array, values.flat_map(|v| (*v as f32).to_le_bytes()).collect())
        })
        .collect();
    let mut views = Vec::new();
    for (name, array, bytes) in &bytes {
        let view = TensorView::new(Dtype::F32, array.shape().to_vec(), bytes);
        views.push((name, view.map_err(|e| Error::file(file, e))?));
    }
    serialize(views, None).map_err(|e| Error::file(file, e))
}
