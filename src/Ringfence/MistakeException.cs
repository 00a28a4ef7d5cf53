namespace Ringfence;

/// <summary>The operator's mistake, in words for the operator: place first, then what was expected. Ends the verb with <see cref="ExitCode.Mistake"/>.</summary>
/// <param name="message">May have several lines, one for each mistake.</param>
internal class MistakeException(string message) : Exception(message);

/// <summary>The world's failure, in words for the operator: what failed, then what to do. Ends the verb with <see cref="ExitCode.WorldFailed"/>.</summary>
internal class WorldFailedException(string message, Exception? inner = null) : Exception(message, inner);
