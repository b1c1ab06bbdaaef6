plugins {
  id("com.android.application") version "8.13.0"
  id("org.jetbrains.kotlin.android") version "2.4.21"
}

kotlin { jvmToolchain(17) }

android {
  namespace = "sample"
  compileSdk = 35
  defaultConfig {
    applicationId = "dev.gadget.sample"
    minSdk = 23
    targetSdk = 35
  }
  // A release without a rule of its own: the AAR has those that it needs.
  buildTypes.named("release") {
    isMinifyEnabled = true
    proguardFiles(getDefaultProguardFile("proguard-android-optimize.txt"))
    signingConfig = signingConfigs.getByName("debug")
  }
}

// #region dependencies
dependencies { implementation("dev.gadget.request:gadget-request:0.1.0") }
// #endregion
