namespace Ringfence.Sources;

/// <summary>The manager interface refused, or is none. The message says what to do, and never a secret or what the other side wrote.</summary>
internal class AmiException(string message) : Exception(message);

/// <summary>What answered does not speak the protocol.</summary>
internal sealed class AmiProtocolException(string message) : AmiException(message);
