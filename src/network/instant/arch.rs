//! The one-pass networks' architecture (Ghiasi et al. 2017, as Magenta published it). Pure data.
//!
//! The *transformer* paints: a photo goes in, a painting comes out. It has no style of its own; 13 of its convolutions
//! are followed by an instance normalisation whose scale γ and offset β are linear in 100 numbers. The *predictor*, a
//! MobileNetV2, reads those numbers off a painting.

/// How many numbers stand for a painting's style.
pub const VECTOR: usize = 100;
/// What is added to the variance in every one of the transformer's instance normalisations, before the square root.
pub const EPSILON: f32 = 1e-5;

/// Which of the two networks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Set {
    /// The one that paints, 0.2 MB.
    Transformer,
    /// The one that reads a style off a painting, 2.4 MB.
    Predictor,
}

/// One convolution as its network's stream has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Convolution {
    /// Its name within its network, such as `residual1.conv2` or `block3.depthwise`.
    pub name: String,
    /// The shape of its weights: output channels, input channels, height, width; one input channel where it is
    /// depthwise.
    pub shape: [usize; 4],
}

/// One of the transformer's 16 convolutions that see pixels. All are padded by reflection so far that stride 1 keeps the size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stage {
    /// Its name, `contract1` … `expand3`.
    pub name: &'static str,
    /// How many channels it takes.
    pub inputs: usize,
    /// How many channels it gives.
    pub outputs: usize,
    /// The height and width of its filters in pixels.
    pub side: usize,
    /// 2 where it halves the resolution, else 1.
    pub stride: usize,
    /// Whether its input is first doubled in height and width, by repeating pixels.
    pub doubled: bool,
    /// Whether an instance normalisation follows, with γ and β from the painting's numbers.
    pub normalised: bool,
}

const fn contract(name: &'static str, inputs: usize, outputs: usize, side: usize, stride: usize) -> Stage {
    Stage { name, inputs, outputs, side, stride, doubled: false, normalised: false }
}

const fn residual(name: &'static str) -> Stage {
    Stage { name, inputs: 32, outputs: 32, side: 3, stride: 1, doubled: false, normalised: true }
}

const fn expand(name: &'static str, inputs: usize, outputs: usize, side: usize, doubled: bool) -> Stage {
    Stage { name, inputs, outputs, side, stride: 1, doubled, normalised: true }
}

/// The transformer in order. A ReLU follows each stage (and its normalisation) but for the second of each residual
/// block, whose block's input is added instead, and the last, which a sigmoid follows.
pub const TRANSFORMER: [Stage; 16] = [
    contract("contract1", 3, 8, 9, 1),
    contract("contract2", 8, 16, 3, 2),
    contract("contract3", 16, 32, 3, 2),
    residual("residual1.conv1"),
    residual("residual1.conv2"),
    residual("residual2.conv1"),
    residual("residual2.conv2"),
    residual("residual3.conv1"),
    residual("residual3.conv2"),
    residual("residual4.conv1"),
    residual("residual4.conv2"),
    residual("residual5.conv1"),
    residual("residual5.conv2"),
    expand("expand1", 32, 16, 3, true),
    expand("expand2", 16, 8, 3, true),
    expand("expand3", 8, 3, 9, false),
];

/// MobileNetV2's inverted residual blocks as the paper's table 2 has them: expansion factor, output channels, repeats,
/// stride of the first.
const BOTTLENECKS: [[usize; 4]; 7] =
    [[1, 16, 1, 1], [6, 24, 2, 2], [6, 32, 3, 2], [6, 64, 4, 2], [6, 96, 3, 1], [6, 160, 3, 2], [6, 320, 1, 1]];
/// Channels of the predictor's first convolution, 3 × 3 of stride 2.
const FIRST: usize = 32;
/// Channels of its last, 1 × 1, whose mean over all pixels becomes the painting's numbers.
const LAST: usize = 1280;

/// One inverted residual block of the predictor: wider by a 1 × 1 convolution, a 3 × 3 on each channel alone, and
/// narrow again by a 1 × 1. ReLU6 follows the first two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// Its place, counted from 0.
    pub index: usize,
    /// How many channels it takes.
    pub inputs: usize,
    /// How many it has inside; as many as it takes where it has no first convolution.
    pub expanded: usize,
    /// How many it gives.
    pub outputs: usize,
    /// 2 where it halves the resolution, else 1.
    pub stride: usize,
}

impl Block {
    /// Whether it begins by getting wider.
    pub fn expands(&self) -> bool {
        self.expanded > self.inputs
    }

    /// Whether its input is added to its output.
    pub fn adds(&self) -> bool {
        self.stride == 1 && self.inputs == self.outputs
    }

    /// Returns the name of one of its convolutions, `expand`, `depthwise` or `project`.
    pub fn name(&self, part: &str) -> String {
        format!("block{}.{part}", self.index)
    }
}

/// Returns the predictor's 17 blocks in order.
pub fn blocks() -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for [expansion, outputs, repeats, stride] in BOTTLENECKS {
        for repeat in 0..repeats {
            let inputs = blocks.last().map_or(FIRST, |block| block.outputs);
            let stride = if repeat == 0 { stride } else { 1 };
            blocks.push(Block { index: blocks.len(), inputs, expanded: expansion * inputs, outputs, stride });
        }
    }
    blocks
}

impl Set {
    /// Returns its name, `transformer` or `predictor`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Transformer => "transformer",
            Self::Predictor => "predictor",
        }
    }

    /// Returns the network's convolutions in stream order. The transformer's normalised ones are followed, at the end,
    /// by `NAME.gamma` and `NAME.beta` for each, which are 1 × 1 and take the painting's numbers.
    pub fn convolutions(self) -> Vec<Convolution> {
        let named = |name: String, shape| Convolution { name, shape };
        match self {
            Self::Transformer => {
                let stages = TRANSFORMER.iter().map(|s| named(s.name.into(), [s.outputs, s.inputs, s.side, s.side]));
                let styled = TRANSFORMER.iter().filter(|stage| stage.normalised);
                let styles = styled.flat_map(|stage| {
                    ["gamma", "beta"].map(|part| named(format!("{}.{part}", stage.name), [stage.outputs, VECTOR, 1, 1]))
                });
                stages.chain(styles).collect()
            }
            Self::Predictor => {
                let mut all = vec![named("first".into(), [FIRST, 3, 3, 3])];
                let mut channels = FIRST;
                for block in blocks() {
                    let Block { inputs, expanded, outputs, .. } = block;
                    if block.expands() {
                        all.push(named(block.name("expand"), [expanded, inputs, 1, 1]));
                    }
                    all.push(named(block.name("depthwise"), [expanded, 1, 3, 3]));
                    all.push(named(block.name("project"), [outputs, expanded, 1, 1]));
                    channels = outputs;
                }
                all.push(named("last".into(), [LAST, channels, 1, 1]));
                all.push(named("vector".into(), [VECTOR, LAST, 1, 1]));
                all
            }
        }
    }

    /// The length of the network's stream in bytes.
    pub(in crate::network) fn stream_bytes(self) -> usize {
        self.convolutions().iter().map(Convolution::stream_bytes).sum()
    }
}

impl Convolution {
    /// Bytes it takes in the stream: a scale and a bias per output channel, and a byte per weight.
    pub(in crate::network) fn stream_bytes(&self) -> usize {
        8 * self.shape[0] + self.shape.iter().product::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_predictor_is_mobilenet_v2() {
        let blocks = blocks();
        let which = |is: fn(&Block) -> bool| blocks.iter().filter(|b| is(b)).map(|b| b.index).collect::<Vec<_>>();
        assert_eq!(blocks.len(), 17);
        assert_eq!(which(|block| block.stride == 2), [1, 3, 6, 13]);
        assert_eq!(which(Block::adds), [2, 4, 5, 7, 8, 9, 11, 12, 14, 15]);
        assert_eq!(which(|block| !block.expands()), [0]);
        let convolutions = Set::Predictor.convolutions();
        assert_eq!(convolutions.len(), 53);
        assert_eq!(convolutions[1], Convolution { name: "block0.depthwise".into(), shape: [32, 1, 3, 3] });
        assert_eq!(convolutions[50], Convolution { name: "block16.project".into(), shape: [320, 960, 1, 1] });
    }

    #[test]
    fn the_transformer_keeps_the_size_and_is_normalised_13_times() {
        let scale = TRANSFORMER.iter().fold(4, |side, s| if s.doubled { 2 * side } else { side / s.stride });
        assert_eq!(scale, 4);
        for pair in TRANSFORMER.windows(2) {
            assert_eq!(pair[0].outputs, pair[1].inputs, "{} to {}", pair[0].name, pair[1].name);
        }
        let names: Vec<String> = Set::Transformer.convolutions().into_iter().map(|c| c.name).collect();
        assert_eq!(names.len(), 16 + 2 * 13);
        assert_eq!(names[16..18], ["residual1.conv1.gamma", "residual1.conv1.beta"]);
        assert_eq!(names.last().map(String::as_str), Some("expand3.beta"));
    }
}
