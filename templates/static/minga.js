/* Progressive enhancement: each page works without this script.
   One module for each feature; each one starts itself if the page has its elements. Translated texts
   come from data-* attributes, in the reader's language. Modules run in this order: session_links
   is the last, for links that no other module has handled. */
import "./platform_storage.js";
import "./frame.js";
import "./videos.js";
import "./content.js";
import "./progress.js";
import "./mentions.js";
import "./toolbar.js";
import "./preview.js";
import "./composer.js";
import "./edit_form.js";
import "./reactions.js";
import "./reading.js";
import "./new_posts.js";
import "./translate.js";
import "./unsaved.js";
import "./leave.js";
import "./builds.js";
import "./time_zones.js";
import "./session_links.js";
