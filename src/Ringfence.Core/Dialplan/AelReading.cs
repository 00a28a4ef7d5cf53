using System.Text;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Dialplan;

/// <summary>Loads extensions.ael beside extensions.conf, with the files that it includes. Of a file with a mistake Asterisk takes nothing, and so does this.</summary>
internal sealed class AelReading
{
    private const string Name = "extensions.ael";
    private const int MaxDepth = 49; // MAX_INCLUDE_DEPTH of res/ael/ael.flex is 50, the first file counted.
    private const int MaxFiles = 1_000;

    private readonly string _directory;
    private readonly IConfigFiles _files;
    private readonly List<ConfigProblem> _problems;
    private readonly Stack<string> _open = new();
    private int _count;

    private AelReading(string directory, IConfigFiles files, List<ConfigProblem> problems)
    {
        _directory = directory.TrimEnd('/');
        _files = files;
        _problems = problems;
    }

    /// <param name="contexts">What extensions.conf has; what AEL has is put beside.</param>
    public static void Add(string directory, IConfigFiles files, Dictionary<string, PlanContext> contexts, Dictionary<string, string?> globals, List<ConfigProblem> problems)
    {
        var reading = new AelReading(directory, files, problems);
        try
        {
            if (reading.Read(Name, new Place(Name, 0)) is { } nodes)
            {
                new AelCompiler().Compile(nodes, contexts, globals, problems);
            }
        }
        catch (AelException mistake)
        {
            problems.Add(new ConfigProblem(new Place(reading._open.TryPeek(out var file) ? file : Name, mistake.Line), $"{mistake.Message}: Asterisk takes nothing of its AEL", StopsReading: true));
        }
    }

    private IReadOnlyList<AelNode>? Read(string name, Place from)
    {
        if (_files.Read(name.StartsWith('/') ? name : $"{_directory}/{name}") is not { } content)
        {
            if (from.Line > 0)
            {
                _problems.Add(new ConfigProblem(from, $"#include \"{Shown.Text(name)}\": there is no such file"));
            }

            return null;
        }

        if (_open.Count > MaxDepth || _open.Contains(name) || ++_count > MaxFiles)
        {
            throw new AelException(from.Line, $"#include \"{Shown.Text(name)}\" goes too deep, or includes itself");
        }

        _open.Push(name);
        var nodes = AelParser.Parse(Shown.Text(name), Encoding.UTF8.GetString(content), Included);
        _open.Pop();
        return nodes;
    }

    private List<AelNode> Included(string pattern, int line)
    {
        var from = new Place(_open.Peek(), line);
        var path = pattern.StartsWith('/') ? pattern : $"{_directory}/{pattern}";
        var names = path.AsSpan().IndexOfAny("*?[{") >= 0 ? _files.Match(path) : [path];
        return [.. names.SelectMany(name => Read(name.StartsWith(_directory + "/", StringComparison.Ordinal) ? name[(_directory.Length + 1)..] : name, from) ?? [])];
    }
}
