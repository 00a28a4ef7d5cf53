using Ringfence.Sources;

namespace Ringfence.Commands;

/// <summary>What ends a verb when a file that the operator named can't be read: his mistake where it is no file that is read here, the world's failure else.</summary>
internal static class NamedFile
{
    /// <param name="problem">Why nothing can be read there.</param>
    /// <param name="verb">Who reads, for advice.</param>
    public static Exception Trouble(LogFileException problem, string verb)
    {
        var words = problem.Message.Replace("ringfence parse -", $"ringfence {verb} -", StringComparison.Ordinal);
        return problem.Problem is LogFileProblem.Missing or LogFileProblem.NotAFile or LogFileProblem.Unsupported ? new MistakeException(words) : new WorldFailedException(words, problem);
    }
}
