//! English text of the glossary.

use crate::i18n::terms::{TermKey, Terms};

pub const TEXT: Terms = Terms {
    what_is: |term| format!("What is “{term}”?"),
    of: |key| match key {
        TermKey::Student => (
            "Student",
            "The network that learns: after every step, its weights move along the gradient. It sees all \
             crops, and its output for each should match the teacher's output for a global one.",
        ),
        TermKey::Teacher => (
            "Teacher",
            "A second network of the same shape, whose output the student learns to predict. It is not \
             trained: it is a slow moving average of the student.",
        ),
        TermKey::Momentum => (
            "EMA, momentum",
            "After each step, the teacher becomes m times itself plus 1 − m times the student: an \
             exponential moving average. A momentum m close to 1 makes it slow: it remembers about \
             1 / (1 − m) steps.",
        ),
        TermKey::StopGradient => (
            "Stop-gradient",
            "The gradient does not flow back into the teacher: its output is taken as given. Otherwise \
             both networks could agree at once on the same empty output.",
        ),
        TermKey::Centring => (
            "Centring",
            "The centre, a running mean of the teacher's output, is subtracted from it, so that no \
             prototype can win every time. Alone, centring pushes towards uniform output; sharpening \
             balances it.",
        ),
        TermKey::Sharpening => (
            "Sharpening, temperature",
            "The output is divided by a temperature before the softmax: the lower the temperature, the more the \
             largest value wins. The teacher's is lower than the student's (about 0.04 against 0.1), so its \
             output is sharper.",
        ),
        TermKey::Prototypes => (
            "Prototypes, K",
            "The K directions that the last layer compares an image with: classes that the network \
             makes up by itself. The output is a probability for each; its entropy is ln K when \
             all are equal.",
        ),
        TermKey::Loss => (
            "Loss",
            "The cross-entropy between the teacher's output for a global crop and the student's for another \
             crop of the same image. It does not measure quality: it falls, rises and falls again. If it stays \
             near ln K, nothing is learned.",
        ),
        TermKey::Entropy => (
            "Teacher entropy",
            "How undecided the teacher is: 0 if one prototype gets everything, ln K if all get the same share. \
             In a healthy run it stays well between the two.",
        ),
        TermKey::Kl => (
            "KL divergence",
            "The part of the loss that the student can still reduce: how far its output is from the \
             teacher's. At 0 both agree on everything, which means success or collapse.",
        ),
        TermKey::FeatureStd => (
            "Feature std",
            "The standard deviation of the features over the images of a batch, with each feature vector scaled \
             to length 1. About 1/√D is healthy; at 0 all images look the same to the network.",
        ),
        TermKey::MultiCrop => (
            "Multi-crop",
            "Each step cuts two large and several small crops from each image, and flips, recolours and \
             blurs them at random. To give all of them the same output, the network has to know what belongs \
             together.",
        ),
        TermKey::GlobalLocal => (
            "Global and local crops",
            "A global crop shows more than 40 % of the image, a local one only 5 to 40 %. The teacher \
             sees only global crops, so the student learns to infer the whole from a part.",
        ),
        TermKey::Attention => (
            "Attention",
            "In each layer, every token looks at all others and takes from each in proportion to a weight; \
             the weights add up to 1. The maps show these weights: where the network looks.",
        ),
        TermKey::Head => (
            "Attention head",
            "Each layer looks in several ways at once; each way is a head. After \
             training, heads often settle on different things: one on the foreground, another on edges.",
        ),
        TermKey::Cls => (
            "CLS token",
            "An extra token without a place in the image, which collects what the image is about. Its \
             final state is the image's feature vector, and its attention is the map.",
        ),
        TermKey::Patch => (
            "Patch",
            "The image is cut into squares of 8 or 16 pixels, the patches; each becomes a token. Smaller \
             patches give finer maps and take longer.",
        ),
        TermKey::Knn => (
            "k-NN accuracy",
            "The k images with the most similar features vote on an image's label, and the vote is compared with \
             its own label, its folder's name. This shows how much the features know, though training never saw a \
             label.",
        ),
        TermKey::WeightDecay => (
            "Weight decay",
            "At each step, all weights shrink by a tiny fraction, which keeps them from growing without need. \
             The paper raises it from 0.04 to 0.4 during training.",
        ),
        TermKey::WarmUp => (
            "Learning rate, warm-up",
            "The learning rate is how far a step moves the weights. It rises from 0 in the first part of the run, \
             because early gradients are unstable, and then falls along a cosine.",
        ),
        TermKey::Collapse => (
            "Collapse",
            "The easy way out: the network gives every image the same output, either uniform or always \
             the same prototype. The loss then says nothing more and the features are worthless.",
        ),
        TermKey::MassThreshold => (
            "Attention threshold",
            "The smallest set of patches that holds this share of the attention, 60 % in the paper. \
             These patches are a mask of what the head looks at.",
        ),
        TermKey::PcaColors => (
            "PCA colours",
            "The first principal component of the patch features separates the background, which is dark, \
             from the rest; the next three become red, green and blue. Patches of the same colour mean \
             the same to the network, across images too.",
        ),
    },
};
