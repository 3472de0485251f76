// Package browsertest holds the tests that open pages of package html in headless Chromium: each recording's, one of a
// capture of 100,000 messages, and one of a capture in which every field is hostile. drive.cjs clicks and types with
// playwright-core, and axe-core judges the pages; package.json pins their versions.
package browsertest
