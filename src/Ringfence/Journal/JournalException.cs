namespace Ringfence.Journal;

/// <summary>The file at the journal's path is not for this program to use; only the operator can say what should happen.</summary>
internal sealed class JournalException(string message) : Exception(message);
