//! English words of the glossary.

use super::super::terms::{TermKey, Terms};

pub const TEXT: Terms = Terms {
    what_is: |term| format!("What is “{term}”?"),
    of: |key| match key {
        TermKey::Student => (
            "Student",
            "The network that learns: after every step its weights move along the gradient. It sees all \
             crops, and should answer to each as the teacher answers to a large one.",
        ),
        TermKey::Teacher => (
            "Teacher",
            "A second network of the same shape, whose answers the student imitates. Nobody trains it: it \
             is a slow running average of the student itself.",
        ),
        TermKey::Momentum => (
            "EMA, momentum",
            "After each step the teacher becomes m times itself plus 1 − m times the student, an \
             exponential moving average. The momentum m close to 1 makes it slow: it remembers about \
             1 / (1 − m) steps.",
        ),
        TermKey::StopGradient => (
            "Stop-gradient",
            "The loss is not carried back into the teacher: its answers are taken as given. Otherwise \
             both networks could agree on the same empty answer at once.",
        ),
        TermKey::Centring => (
            "Centring",
            "The running mean of the teacher's answers, the centre, is subtracted from them, so that no \
             prototype can win every time. Alone it would push towards all prototypes alike; sharpening \
             balances it.",
        ),
        TermKey::Sharpening => (
            "Sharpening, temperature",
            "Answers are divided by a temperature before the softmax: the lower it is, the more the \
             largest one wins. The teacher's is lower than the student's (about .04 against .1), so its \
             answers are more decided.",
        ),
        TermKey::Prototypes => (
            "Prototypes, K",
            "The K directions that the last layer compares an image with: kinds of images that the \
             network invents for itself. An answer is a probability for each; ln K is its entropy when \
             all are alike.",
        ),
        TermKey::Loss => (
            "Loss",
            "The cross-entropy between the teacher's answer to a large crop and the student's to another \
             crop of the same image. It is no measure of quality: it falls, rises and falls again; near \
             ln K for long, nothing is learned.",
        ),
        TermKey::Entropy => (
            "Teacher entropy",
            "How undecided the teacher is: 0 if one prototype gets everything, ln K if all get the same. \
             Healthy training stays well between the two.",
        ),
        TermKey::Kl => (
            "KL divergence",
            "The part of the loss that the student could still win: how far its answer is from the \
             teacher's. At 0 both say the same of everything, which is bliss or collapse.",
        ),
        TermKey::FeatureStd => (
            "Feature deviation",
            "The standard deviation of the features over the images of a batch, each feature vector made \
             length 1. About 1/√D is healthy; at 0 all images look the same to the network.",
        ),
        TermKey::MultiCrop => (
            "Multi-crop",
            "From each image a step draws two large and several small crops, flipped, recoloured and \
             blurred at random. To answer alike to all of them, the network has to know what belongs \
             together.",
        ),
        TermKey::GlobalLocal => (
            "Global and local crops",
            "A global crop shows more than 40 % of the image, a local one only 5 to 40 %. The teacher \
             sees only globals, so the student learns to tell the whole from a part.",
        ),
        TermKey::Attention => (
            "Attention",
            "In each layer every token looks at all others and takes from each in proportion to a weight; \
             the weights add up to 1. The maps show these weights: where the network looks.",
        ),
        TermKey::Head => (
            "Attention head",
            "A layer looks several times at once, each time with other eyes: these are its heads. After \
             training they often settle on different things, one on the foreground, another on edges.",
        ),
        TermKey::Cls => (
            "CLS token",
            "An extra token without a place in the image, which collects what the image is about. Its \
             last state is the image's feature vector, and its attention is the map.",
        ),
        TermKey::Patch => (
            "Patch",
            "The image is cut into squares of 8 or 16 pixels, the patches; each becomes a token. Smaller \
             patches give finer maps and cost more time.",
        ),
        TermKey::Knn => (
            "k-NN accuracy",
            "Each image is named after its k nearest neighbours by features, and compared with its own \
             label, its folder's name. It says how much the features know, though training never saw a \
             label.",
        ),
        TermKey::WeightDecay => (
            "Weight decay",
            "At each step all weights shrink by a tiny share, which keeps them from growing without need. \
             The paper raises it from .04 to .4 in the course of training.",
        ),
        TermKey::WarmUp => (
            "Learning rate, warm-up",
            "How far a step moves the weights. It rises from 0 in the first part of the run, because early \
             gradients are wild, and then falls along a cosine.",
        ),
        TermKey::Collapse => (
            "Collapse",
            "The easy way out: the network answers the same to every image, all prototypes alike or always \
             the same one. Then the loss has nothing more to say and the features are worthless.",
        ),
        TermKey::MassThreshold => (
            "Mass threshold",
            "The smallest set of patches that holds this share of the attention, 60 % in the paper. What \
             remains is a mask of the thing that the head looks at.",
        ),
        TermKey::PcaColors => (
            "PCA colours",
            "The direction in which the patch features differ most tells the background, which is dark, \
             from the rest; the next three become red, green and blue. Patches of the same colour mean \
             the same to the network, across images too.",
        ),
    },
};
