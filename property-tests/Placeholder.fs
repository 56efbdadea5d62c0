module TypedPooling.PropertyTests.Placeholder

let internal nothing = ()
