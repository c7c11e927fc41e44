"""Acts that change what readers may see: consents, blocks, lifts, relations, assessments."""
