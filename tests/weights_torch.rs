//! Files as PyTorch itself writes them (`tests/weights/make.py`). Invariant: each gives the network of `plain.pth`, and
//! what it holds beside is listed or, where it is no network, named.

use dino_core::run::network::Network;
use dino_core::weights;
use dino_core::weights::{Account, Weights};

fn bytes(name: &str) -> Vec<u8> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/weights/torch");
    std::fs::read(folder.join(format!("{name}.pth"))).unwrap()
}

fn read(name: &str, network: Network) -> Weights {
    weights::read(name, &bytes(name), network, Some(1)).unwrap()
}

#[test]
fn every_file_holds_the_same_network() {
    let plain = read("plain", Network::Teacher).backbone;
    for name in [
        "legacy",
        "protocol4",
        "name-of-21-characters",
        "views",
        "expanded",
        "transposed",
        "both",
        "lightning",
        "beside",
    ] {
        assert!(read(name, Network::Teacher).backbone == plain, "{name}");
    }
}

#[test]
fn of_two_networks_the_student_is_taken_where_it_is_asked_for() {
    let plain = read("plain", Network::Teacher).backbone;
    for (name, taken, left) in [
        ("both", "model.student.backbone.", "model.teacher.backbone."),
        ("lightning", "state_dict.model.", "state_dict.model_ema."),
    ] {
        let student = read(name, Network::Student);
        assert!(student.backbone != plain, "{name}");
        assert_eq!(
            (student.account.taken.as_str(), &student.account.left[..]),
            (taken, &[left.to_owned()][..])
        );
    }
}

#[test]
fn objects_beside_the_weights_are_passed_over_by_name() {
    let Account { passed_over, unused, .. } = read("lightning", Network::Teacher).account;
    assert_eq!(passed_over, ["omegaconf.dictconfig.DictConfig"]);
    assert_eq!(unused, ["best_acc1", "epoch"]);
    let passed_over = read("beside", Network::Teacher).account.passed_over;
    for name in ["numpy.ndarray", "project.Schedule", "torch.nn.modules.linear.Linear"] {
        assert!(passed_over.iter().any(|found| found == name), "{name} among {passed_over:?}");
    }
}

#[test]
fn what_holds_no_network_is_named() {
    for (name, words) in [
        ("module", "`torch.nn.modules.linear.Linear`: that could be code"),
        ("script", "a TorchScript program"),
    ] {
        let message =
            weights::read(name, &bytes(name), Network::Teacher, None).unwrap_err().to_string();
        assert!(message.contains(words), "{message}");
    }
    let legacy = bytes("legacy");
    let message = weights::read("cut", &legacy[..legacy.len() - 9], Network::Teacher, Some(1));
    assert!(message.unwrap_err().to_string().contains("its end is missing"));
}
