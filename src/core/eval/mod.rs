//! Evaluation: metrics of a step and their history, health, neighbours, principal components, probe, quality. Invariant: nothing here
//! changes a run.

pub mod attention_mask;
pub mod gelu;
pub mod health;
pub mod history;
pub mod knn;
pub mod metrics;
pub mod pca;
pub mod probe;
pub mod quality;
