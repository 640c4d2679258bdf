"""Line-API widgets that write only what changed."""
