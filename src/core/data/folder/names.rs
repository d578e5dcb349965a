//! Name of a folder by its words: a part of a set, a kind of pictures, or a class. Invariant: the name alone decides
//! here; its neighbours are judged in [`labels`](super::labels).

/// Words for the parts of a set.
const SPLITS: &str = "\
    train training trainset trainingset trn val valid validate validation valset validationset test tests \
    testing testset tst dev devset eval evaluation holdout heldout trainval trainvaltest minitrain minival \
    unlabeled unlabelled labeled labelled pred publictest privatetest extra query gallery";

/// Words for the parts of a set, if a number, a letter or a word of the other lists stands beside them.
const NUMBERED: &str = "\
    fold kfold part parts partition batch shard chunk split set sets subset cv vol volume disc disk archive";

/// Words for folders in which images simply lie, and that are hardly ever a class.
const CONTAINERS: &str = "\
    images image img imgs im ims photos photographs pictures picture pics pic jpegimages jpg jpgs jpeg jpegs \
    png pngs webp gif gifs bmp bmps jfif data dataset datasets dcim imagefolder voc vocdevkit";

/// The same, but of things that a class may be of.
const THINGS: &str = "\
    raw raws originals masters files file frames frame input inputs output outputs download downloads";

/// Words for what is drawn for images, and lies beside them. With a number it is a class: `label_3`.
const TARGETS: &str = "\
    mask masks annotation annotations annot annots label labels gt groundtruth segmentation segmentations \
    segmentationclass segmentationobject segmentationclassaug segmentationclassraw trimap trimaps bbox bboxes";

/// Words for kinds of pictures and sides that they were taken from.
const KINDS: &str = "\
    photo photograph sketch sketches painting paintings drawing drawings cartoon cartoons clipart cliparts \
    real realworld art arts artpainting infograph infographs infographic infographics quickdraw comic comics \
    watercolor watercolour product products render renders rendered rendering renderings synthetic synth \
    simulated sim amazon dslr webcam left right front back rear top bottom side centre center middle view \
    views cam camera rgb rgba bgr depth grey gray greyscale grayscale colour color coloured colored bw ir \
    nir infrared thermal visible edge edges original orig crop crops cropped resized processed preprocessed \
    augmented segmented masked enhanced denoised blurred noisy normalized normalised binarized binarised \
    lr hr small medium large thumb thumbs thumbnail thumbnails day night";

/// What a name says of its folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sense {
    /// Nothing: it is empty.
    Nothing,
    /// Images lie in it, whatever they show: `images`, `100CANON`.
    Container,
    /// A part of a set, or a container of the name of a thing: `train`, `fold 2`, `raw`, `masks`.
    Part,
    /// Another view of the same: `sketch`.
    Kind,
    Class,
}

/// Judges a name.
pub fn sense(name: &str) -> Sense {
    let words = words(name);
    let letters: Vec<&String> = words.iter().filter(|word| !is_number(word)).collect();
    let joined: String = letters.iter().map(|word| word.as_str()).collect();
    if name.is_empty() {
        return Sense::Nothing;
    }
    if is_of_camera(name) {
        return Sense::Container;
    }
    if letters.is_empty() {
        return Sense::Class;
    }
    let contains = |word: &str| among(CONTAINERS, word);
    if letters.iter().all(|word| contains(word)) || contains(&joined) {
        return Sense::Container;
    }
    // A target is one without a number.
    let target = |word: &str| letters.len() == words.len() && among(TARGETS, word);
    let aside = words.iter().zip(parts(&words));
    let mut rest = aside.filter(|(word, part)| !part && !is_number(word) && !target(word));
    if rest.next().is_none() || is_part(&joined) || target(&joined) {
        return Sense::Part;
    }
    let kind = |word: &str| among(KINDS, word);
    let known = |word: &&String| kind(word) || is_part(word) || among(TARGETS, word);
    let all = letters.iter().all(known) && letters.iter().any(|word| kind(word));
    if all || kind(&joined) { Sense::Kind } else { Sense::Class }
}

/// What of a name tells it from others: without its parts, if letters are left; and whether a part was left out.
pub fn essence(name: &str) -> (String, bool) {
    let words = words(name);
    let aside = words.iter().zip(parts(&words));
    let rest: Vec<&str> = aside.filter(|(_, part)| !part).map(|(word, _)| word.as_str()).collect();
    if rest.len() == words.len() || rest.iter().all(|word| is_number(word)) {
        (name.to_owned(), false)
    } else {
        (rest.join(" "), true)
    }
}

/// The words of a name and what stands between them left out, as [`essence`] writes what it leaves.
pub fn plain(name: &str) -> String {
    words(name).join(" ")
}

/// Which part of a set a name speaks of, by two letters: `train`, `training` and `trainset` are one.
pub fn split(name: &str) -> Option<String> {
    let mut words = words(name);
    words.push(words.iter().filter(|word| !is_number(word)).map(String::as_str).collect());
    let word = words.into_iter().find(|word| among(SPLITS, word))?;
    Some(word.chars().take(2).collect())
}

/// A name's only letter, if it has no more.
pub fn letter(name: &str) -> Option<char> {
    let mut chars = name.chars();
    let first = chars.next().filter(|c| c.is_ascii_alphabetic() && chars.next().is_none());
    first.map(|c| c.to_ascii_lowercase())
}

/// The words and numbers of a name, in small letters: `trainImages_2` is `train`, `images`, `2`.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let (mut kind, mut before) = (0, ' ');
    for c in name.chars() {
        let now = match c {
            '0'..='9' => 1,
            // All that is not ASCII counts as letters, so that no table of characters decides.
            c if c.is_ascii_alphabetic() || !c.is_ascii() => 2,
            _ => 0,
        };
        let hump = before.is_ascii_lowercase() && c.is_ascii_uppercase();
        if now != 0 && (now != kind || hump) {
            words.push(String::new());
        }
        if let (true, Some(word)) = (now != 0, words.last_mut()) {
            word.push(c.to_ascii_lowercase());
        }
        (kind, before) = (now, c);
    }
    words
}

/// Which words say only that a folder is a part of something: those of the lists, `part` and its like where something
/// counts them, and what counts them.
fn parts(words: &[String]) -> Vec<bool> {
    let numbered = |word: &String| among(NUMBERED, word);
    let counted = |at: usize| {
        let next = words.get(at + 1);
        let before = at.checked_sub(1).and_then(|at| words.get(at));
        let beside = |word: &String| is_number(word) || is_part(word) || numbered(word);
        before.into_iter().chain(next).any(beside) || next.is_some_and(|word| is_letter(word))
    };
    let lettered = words.windows(2).any(|pair| numbered(&pair[0]) && is_letter(&pair[1]));
    let any = lettered || words.iter().any(|word| is_number(word) || is_part(word));
    let mut parts: Vec<bool> = Vec::with_capacity(words.len());
    for (at, word) in words.iter().enumerate() {
        let after = at.checked_sub(1).and_then(|before| words.get(before));
        let counts = |before: &String| is_number(word) || is_letter(word) && numbered(before);
        let of_part = parts.last() == Some(&true) && after.is_some_and(counts);
        parts.push(is_part(word) || any && numbered(word) && counted(at) || of_part);
    }
    parts
}

/// True for one of the words in a text.
fn among(words: &str, word: &str) -> bool {
    words.split_ascii_whitespace().any(|one| one == word)
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_letter(word: &str) -> bool {
    letter(word).is_some()
}

fn is_part(word: &str) -> bool {
    among(SPLITS, word) || among(CONTAINERS, word) || among(THINGS, word)
}

/// A folder that a camera numbers: 100CANON, 101_PANA. Three digits, then five characters.
fn is_of_camera(name: &str) -> bool {
    let (number, rest) = name.as_bytes().split_at(name.len().min(3));
    let upper = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_';
    number.iter().all(u8::is_ascii_digit)
        && number.first().is_some_and(|byte| *byte != b'0')
        && rest.len() == 5
        && rest.iter().all(upper)
        && rest.iter().any(u8::is_ascii_uppercase)
}
