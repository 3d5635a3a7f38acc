//! What a plan counts.

use super::*;
use crate::picture::Picture;
use crate::run::Estimate;

/// As all forms need it.
fn plan(width: u32, height: u32, config: &StyleConfig) -> Plan {
    super::plan(width, height, config, Form::Software)
}

#[test]
fn memory_grows_with_the_pixels_and_stays_within_what_is_promised() {
    let config = StyleConfig::default();
    let [small, large] = [512, 1024].map(|side| plan(side, side, &config));
    assert!(small.peak <= 450_000_000 && large.peak <= 1_600_000_000, "{small:?} {large:?}");
    let growth = (large.peak - large.weights) as f64 / (small.peak - small.weights) as f64;
    assert!((3.4..4.1).contains(&growth), "{growth}");
    // 13 convolutions, about 12.94 million weights.
    assert!((51_000_000..53_000_000).contains(&small.weights));
}

#[test]
fn what_winograd_needs_is_counted() {
    let (config, winograd) = (StyleConfig::default(), Winograd::default());
    for side in [256, 512, 1024] {
        let plan = |form| super::plan(side, side, &config, form);
        let [software, direct, winograd_] = [Form::Software, Form::Direct, Form::Winograd(winograd)].map(plan);
        // In workgroups' memory there are more partial Gram matrices at a time, in registers fewer and larger ones.
        let apart = direct.activations as f64 / software.activations as f64;
        assert!((0.9..1.15).contains(&apart), "{side}²: {apart}");
        assert!(direct.weights > 19 * software.weights / 10, "turned once");
        // Four times the weights in place of themselves, but of the first convolution.
        assert!((150_000_000..158_000_000).contains(&(winograd_.weights - software.weights)));
        let more = winograd_.activations - direct.activations;
        // Two at a time; but what is kept may have taken one that was idle.
        assert!(more <= 4 * winograd.scratch as u64, "{side}²: {more}");
    }
    let tight = Winograd { scratch: 1 << 20, ..winograd };
    let [wide, tight] = [winograd, tight].map(|form| super::plan(512, 512, &config, Form::Winograd(form)).activations);
    assert!(tight < wide, "shorter bands need less");
}

fn settings(json: &str) -> StyleConfig {
    StyleConfig::from_json(json).expect("settings")
}

/// One value for each pixel of 1024².
const PLANE: u64 = 4 << 20;

#[test]
fn the_pairs_of_lbfgs_are_counted() {
    let [adam, lbfgs] =
        ["adam", "lbfgs"].map(|name| plan(1024, 1024, &settings(&format!(r#"{{"optimizer": "{name}"}}"#))));
    // Ten pairs of images of three planes, less Adam's two moments before and after a step.
    let apart = lbfgs.image - adam.image;
    assert!(((20 - 4) * 3 * PLANE..30 * 3 * PLANE).contains(&apart), "{apart}");
    assert_eq!(lbfgs.peak - adam.peak, apart);
    let grey = plan(1024, 1024, &settings(r#"{"colour": "luminance"}"#));
    assert_eq!(grey.image - adam.image, 2 * 3 * PLANE, "a grey gradient beside the true one");
    // Three are kept of a large picture, and one is about to be.
    let large = plan(4096, 2731, &settings(r#"{"optimizer": "lbfgs"}"#));
    assert!(large.image <= (5 + 2 * 4 + 7) * 12 * 4096 * 2731, "{large:?}");
}

#[test]
fn the_matting_laplacian_is_counted() {
    let [without, with] =
        [0, 1].map(|weight| plan(1024, 1024, &settings(&format!(r#"{{"photorealWeight": {weight}}}"#))));
    // Photo, means, roots and windows are kept.
    assert_eq!(with.targets - without.targets, 13 * PLANE);
    // Fits of three channels by three colours.
    assert!(with.activations - without.activations >= 27 * PLANE);
    assert_eq!(with.peak - without.peak, with.targets + with.activations - without.targets - without.activations);
}

#[test]
fn every_painting_and_every_mask_is_counted() {
    let config = StyleConfig::default();
    let plan = |count, masked| {
        Plan::new(1024, 1024, Paintings { count, masked, ..Paintings::default() }, &config, Form::Software)
    };
    // One matrix of C² numbers at each style layer.
    let matrices = 4 * [64u64, 128, 256, 512, 512].map(|channels| channels.pow(2)).iter().sum::<u64>();
    assert_eq!(plan(2, 0).targets - plan(1, 0).targets, matrices);
    // Paintings with masks are blended each for itself, and every mask's pixels are listed at every style layer.
    let places: u64 = (0..5).map(|halvings| PLANE >> (2 * halvings)).sum();
    let apart = plan(2, 2).targets - plan(2, 0).targets - TARGET_MATRICES * matrices;
    assert!((2 * places..2 * places + PLANE / 10).contains(&apart), "{apart}");
    // What is inside is gathered from the largest maps, 64 channels.
    assert!(plan(1, 1).activations - plan(1, 0).activations >= 64 * PLANE);
    assert_eq!(plan(2, 2).activations, plan(2, 1).activations, "one after another");
}

#[test]
fn large_pictures_go_in_bands_and_fit() {
    let config = StyleConfig::default();
    let forms = [Form::Software, Form::Direct, Form::Winograd(Winograd::default())];
    for (form, [large, larger]) in forms.into_iter().zip([[0.75, 2.4], [0.8, 2.46], [0.9, 2.5]]) {
        for (width, height, most) in [(2048, 1365, large), (1365, 2048, large), (4096, 2731, larger)] {
            let plan = super::plan(width, height, &config, form);
            assert!(plan.peak as f64 <= most * 1e9, "{width} × {height}, {form}: {plan:?}");
        }
    }
    let whole = |side| super::plan(side, side, &config, Form::Software).activations;
    assert!(whole(1024) > 1_000_000_000, "what fits goes whole");
    // A device that can have no large buffer.
    let largest = 128 << 20;
    let chosen = |side| with_band((side, side), Paintings::default(), &config, Form::Direct, largest).0.band;
    assert_eq!([chosen(512), chosen(1024)], [Some(0), Some(BAND)]);
    // What is told of a size beforehand is what is done there.
    let estimate = |largest| {
        let config = StyleConfig { size: 1024, ..StyleConfig::default() };
        Estimate::new(1024, 683, Paintings::default(), &config, Form::Direct, largest).expect("an estimate")
    };
    let [any, limited] = [u64::MAX, largest].map(estimate);
    assert!(any.largest > largest && limited.largest <= largest, "{any:?} {limited:?}");
    assert!(limited.bytes < any.bytes && limited.megapixels > any.megapixels, "{any:?} {limited:?}");
    let own = StyleConfig { band: Some(16), ..StyleConfig::default() };
    assert_eq!(with_band((64, 64), Paintings::default(), &own, Form::Direct, u64::MAX).0, own);
}

#[test]
fn what_neighbours_need_is_counted() {
    let config = settings(r#"{"preset": "strokes"}"#);
    let plan = |count, masked| {
        Plan::new(512, 512, Paintings { count, masked, ..Paintings::default() }, &config, Form::Software)
    };
    // 2944 channels at 128².
    let one = 4 * 2944 * 130 * 130;
    assert_eq!(plan(2, 0).targets - plan(1, 0).targets, 2 * one);
    assert_eq!(plan(1, 1).targets - plan(1, 0).targets, one);
    assert!(plan(1, 0).activations >= 3 * one, "as rows and maps");
    let turned = StyleConfig { turns: 3, ..config.clone() };
    let turned = Plan::new(512, 512, Paintings::default(), &turned, Form::Software);
    assert!(turned.activations > plan(1, 0).activations, "what was found before");
    assert_eq!(with_band((2048, 2048), Paintings::default(), &config, Form::Direct, u64::MAX).0.rows_at_a_time(), 0);
}

#[test]
fn what_it_takes_to_look_at_large_paintings_is_counted() {
    let scaled = settings(r#"{"styleScale": 4}"#);
    let paintings = |long, breadth| Paintings { extent: Some(Extent { long, breadth }), ..Paintings::default() };
    let of = |paintings| Plan::new(1024, 683, paintings, &scaled, Form::Software);
    let first = |sides| map_bytes(64, sides);
    // Never enlarged, nor taken for broader than it is.
    assert_eq!(of(paintings(800, 1000)).activations, of(Paintings::default()).activations);
    let [large, broad] = [paintings(3000, 500), paintings(5000, 1000)].map(of);
    assert_eq!([large.activations, large.largest], [2, 1].map(|maps| maps * first([3000, 1500])));
    assert_eq!([broad.activations, broad.largest], [2, 1].map(|maps| maps * first([4096, 4096])));
    assert!(of(Paintings::default()).largest < first([1024, 1024]), "nothing is told of what is not known");
    // In bands they are looked at in bands, too.
    let chosen = |long| with_band((1024, 683), paintings(long, 1000), &scaled, Form::Software, u64::MAX).0.band;
    assert_eq!([chosen(800), chosen(3000)], [Some(0), Some(BAND)]);
    // A square painting shown to the network beside a narrow photo.
    let config = StyleConfig::default();
    let (narrow, plan) = with_band((4096, 300), paintings(4000, 1000), &config, Form::Software, u64::MAX);
    assert!(narrow.band == Some(BAND) && plan.peak < BUDGET, "{plan:?}");
    let picture = |width, height| Picture::from_planes(width, height, &vec![0.5; 3 * (width * height) as usize]);
    let styles = [(30, 20), (10, 40)].map(|(width, height)| Style::new(picture(width, height), 1.0));
    assert_eq!(Paintings::of(&styles).extent, Some(Extent { long: 40, breadth: 667 }));
}

#[test]
fn pairs_of_pixels_are_counted() {
    let [features, pairs] = ["features", "self-similarity"]
        .map(|loss| plan(1024, 1024, &settings(&format!(r#"{{"contentLoss": "{loss}"}}"#))));
    // 512 channels at 128², or all pairs of 1024 pixels, of which there are four more on the way.
    assert_eq!(features.targets - pairs.targets, 4 * (512 * 130 * 130 - 1024 * 1024));
    assert!((0..=4 * PLANE).contains(&(pairs.activations - features.activations)), "{pairs:?} {features:?}");
}

#[test]
fn narrow_bands_need_less() {
    let of = |band| plan(512, 2048, &StyleConfig { band: Some(band), ..StyleConfig::default() }).activations;
    assert!(of(16) < of(64) && of(64) < of(256) && of(256) < of(0));
}

/// A run leaves out what has no weight: so does the plan.
#[test]
fn a_layer_of_weight_0_needs_nothing() {
    let of = |losses: &str, band: &str, more: &str| {
        let style = format!(r#"[{{"layer": "relu1_1", "weight": 1}}, {{"layer": "relu3_1", "weight": 1}}{more}]"#);
        let content = format!(r#"[{{"layer": "relu2_2", "weight": 1}}{more}]"#);
        let layers = format!(r#""styleLayers": {style}, "contentLayers": {content}"#);
        let config = settings(&format!(r#"{{{losses}, {layers}, "band": {band}}}"#));
        Plan::new(256, 192, Paintings { masked: 1, ..Paintings::default() }, &config, Form::Direct)
    };
    let unused = r#", {"layer": "relu2_1", "weight": 0}, {"layer": "relu5_1", "weight": 0}"#;
    let [gram, neighbours] = ["gram", "neighbours"].map(|loss| format!(r#""styleLoss": "{loss}""#));
    let similar = r#""contentLoss": "self-similarity""#;
    for (losses, band) in
        [("\"seed\": 1", "0"), ("\"seed\": 1", "32"), (&gram, "0"), (&neighbours, "0"), (similar, "0")]
    {
        assert_eq!(of(losses, band, unused), of(losses, band, ""), "{losses} {band}");
    }
}

#[test]
fn shallow_settings_need_less() {
    let layers = r#"{"contentLayers":[{"layer":"relu2_1","weight":1}],"styleLayers":[{"layer":"relu1_1","weight":1}]}"#;
    let shallow = StyleConfig::from_json(layers).expect("settings");
    assert!(plan(256, 256, &shallow).peak < plan(256, 256, &StyleConfig::default()).peak);
}
