// Open this folder in Android Studio after scripts/build-android.
pluginManagement {
  repositories {
    google()
    mavenCentral()
    gradlePluginPortal()
  }
}

dependencyResolutionManagement {
  repositories {
    maven("../../target/android/maven")
    google()
    mavenCentral()
  }
}

rootProject.name = "sample"
