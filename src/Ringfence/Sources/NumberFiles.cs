using System.Text;
using Ringfence.Core.Fraud;

namespace Ringfence.Sources;

/// <summary>The operator's lists of numbers on disk: listed of [calls].</summary>
internal static class NumberFiles
{
    // A million numbers with a comment each.
    private const int MaxBytes = 64 << 20;

    /// <exception cref="WorldFailedException">One can't be read, or has lines that are none.</exception>
    public static NumberList Read(IReadOnlyList<string> paths)
    {
        var (list, mistakes) = NumberList.Read([.. paths.Select(static path => (path, Text(path)))]);
        return mistakes.Count == 0 ? list : throw new WorldFailedException(string.Join('\n', mistakes));
    }

    /// <summary>For who goes on without: with what could be read.</summary>
    public static (NumberList List, string? Problem) Try(IReadOnlyList<string> paths)
    {
        List<string> problems = [];
        List<(string, string)> texts = [];
        foreach (var path in paths)
        {
            try
            {
                texts.Add((path, Text(path)));
            }
            catch (WorldFailedException problem)
            {
                problems.Add($"[calls] listed: {problem.Message}: calls go on without it");
            }
        }

        var (list, mistakes) = NumberList.Read(texts);
        problems.AddRange(mistakes);
        return (list, problems.Count == 0 ? null : problems.Count == 1 ? problems[0] : $"{problems[0]}; and {problems.Count - 1} more: ringfence guard --check");
    }

    private static string Text(string path)
    {
        try
        {
            return new FileInfo(path) is { Length: > MaxBytes } ? throw new WorldFailedException($"{path}: more than 64 MB: no list of numbers is so long") : Encoding.UTF8.GetString(File.ReadAllBytes(path));
        }
        catch (Exception problem) when (problem is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new WorldFailedException($"{path}: there is no such file", problem);
        }
        catch (Exception problem) when (FileTrouble.Is(problem))
        {
            throw new WorldFailedException($"{path}: {problem.Message}", problem);
        }
    }
}
