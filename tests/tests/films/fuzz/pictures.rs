//! Pictures that can be told from anything that a decoder makes up: four fields, two by two alike, dark and its opposite,
//! a little lighter every half second.

use std::io::Cursor;

use dodolens::domain::media::Frame;

/// Inputs for ffmpeg: such pictures, and a tone.
pub fn code(seconds: u32) -> String {
    let dark = "(10+6*floor(2*T))";
    let same = "eq(lt(X,W/2),lt(Y,H/2))";
    format!(
        "-f lavfi -i color=black:s=160x120:r=25:d={seconds},format=gray,geq=lum='if({same},{dark},255-{dark})',\
         format=yuv420p -f lavfi -i sine=frequency=440:r=48000:d={seconds}"
    )
}

/// Whether a picture is one of those, turned or not; if not, what it looks like.
pub fn is_of_the_code(frame: &Frame) -> Result<(), String> {
    let jpeg = Cursor::new(frame.jpeg.expose());
    let picture = image::ImageReader::with_format(jpeg, image::ImageFormat::Jpeg)
        .decode()
        .map_err(|error| error.to_string())?
        .to_luma8();
    let (width, height) = picture.dimensions();
    // The lightest and the darkest of a field, its edges left out.
    let field = |left: bool, top: bool| {
        let place = |first: bool, i: u32, len: u32| {
            let from = if first { 0 } else { len / 2 };
            from + len / 20 + i * (len * 4 / 10) / 7
        };
        let pixels = (0..64).map(|i| {
            let (x, y) = (place(left, i % 8, width), place(top, i / 8, height));
            i32::from(picture.get_pixel(x.min(width - 1), y.min(height - 1)).0[0])
        });
        (pixels.clone().min().unwrap(), pixels.max().unwrap())
    };
    let fields = [(true, true), (false, false), (true, false), (false, true)]
        .map(|(left, top)| field(left, top));
    let even = fields.iter().all(|(dark, light)| light - dark < 16);
    let [a, b, c, d] = fields.map(|(dark, light)| (dark + light) / 2);
    let like = |a: i32, b: i32| (a - b).abs() < 10;
    let right = even && like(a, b) && like(c, d) && like(a + c, 255) && (a - c).abs() > 70;
    right
        .then_some(())
        .ok_or_else(|| format!("fields {fields:?} in {width}x{height}"))
}
