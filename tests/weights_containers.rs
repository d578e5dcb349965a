//! Containers of networks in files of `torch.save`. Invariant: a network is found wherever plain data holds it.
