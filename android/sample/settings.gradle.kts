// Open this folder in Android Studio after scripts/build-android.
pluginManagement {
  repositories {
    google()
    mavenCentral()
    gradlePluginPortal()
  }
}

// #region repositories
dependencyResolutionManagement {
  repositories {
    maven("../../target/android/maven") // what scripts/build-android has made
    google()
    mavenCentral()
  }
}
// #endregion

rootProject.name = "sample"
