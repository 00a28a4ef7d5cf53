namespace Ringfence.Sources;

/// <summary>A database of CDRs can't be asked: it is away, refuses, or has no such table. The message begins with its place and says what to do.</summary>
internal sealed class CdrDatabaseException(string message, Exception? inner = null) : Exception(message, inner);
