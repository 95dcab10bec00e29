// Why a picture can't be used, and what to do: in the words of model/errors.py, or in the page's
// own where a browser is another place than a command line.

const IN_A_BROWSER = {
  empty: N_("This file is empty. If you have another copy, choose that."),
  damaged: N_(
    "This picture is damaged or cut off. If you have another copy, choose that; otherwise go on " +
      "without it."
  ),
  too_plain: N_(
    "This picture is too dark, too blank or too plain to be told from others. If you have a " +
      "brighter or larger copy, choose that."
  ),
  is_video: N_(
    "Videos can't be registered yet. Stop the video at a clear moment, make a screenshot, and " +
      "choose that."
  ),
  needs_heif: N_(
    "This is an HEIC picture, as iPhones make them, and this browser can't open those. Open this " +
      "page in Safari on the iPhone or Mac, or save the picture as JPEG and choose that: a " +
      "screenshot of it works, too."
  ),
  not_a_picture: N_(
    "This is not a picture that this browser can open. It opens JPEG, PNG, WebP, GIF, BMP and " +
      "AVIF; save the picture as one of these, or make a screenshot of it, and choose that."
  ),
  crashed: N_(
    "The browser broke off at this picture. It may be damaged or too large for this device. All " +
      "other pictures go on; try it again, or a smaller copy of it."
  ),
  missing: N_(
    "The browser could not read this file. It may have been moved or deleted since it was " +
      "chosen; choose it again."
  ),
};

/** Return a sentence about a problem {code, values} of a picture. */
function problemText({ code, values }) {
  const text = IN_A_BROWSER[code] || SETTINGS.problems[code] || IN_A_BROWSER.crashed;
  return tr(text, values);
}
