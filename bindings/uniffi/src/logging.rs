//! Writes the engine's log lines to the platform's own log.

use std::sync::Once;

/// The tag (Android) or subsystem (Apple) of the engine's lines in the platform's log.
#[cfg(any(target_os = "android", target_vendor = "apple"))]
const TAG: &str = "gadget-request";

/// Installs the platform's log when the first client is made. If the host app has installed
/// another logger, that one stays.
pub(crate) fn install() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        #[cfg(target_os = "android")]
        android_logger::init_once(
            android_logger::Config::default()
                .with_max_level(log::LevelFilter::Debug)
                .with_tag(TAG)
                // The engine's dependencies may log the content of a request.
                .with_filter(
                    android_logger::FilterBuilder::new()
                        .filter_module("gadget_request", log::LevelFilter::Debug)
                        .build(),
                ),
        );
        #[cfg(target_vendor = "apple")]
        let _ = oslog::OsLogger::new(TAG)
            .level_filter(log::LevelFilter::Off)
            .category_level_filter("gadget_request", log::LevelFilter::Debug)
            .init();
        log::debug!("gadget-request {}", env!("CARGO_PKG_VERSION"));
    });
}
