using System.Buffers;

namespace Ringfence.Core.Catalogue;

/// <summary>The options that one kind of section takes: an endpoint of pjsip.conf, [general] of manager.conf.</summary>
/// <param name="kind">"endpoint"; <see cref="OfFile"/> where a file's options are known together.</param>
/// <param name="reading">Who reads it, and so what a wrong option does.</param>
internal sealed class OptionObject(string file, string kind, OptionReading reading)
{
    /// <summary>The <see cref="Kind"/> of options that are known for a file as a whole.</summary>
    public const string OfFile = "*";

    // menu of confbridge.conf: what a caller can press.
    private const string Keys = "<keys>";

    private static readonly SearchValues<char> KeyCharacters = SearchValues.Create("0123456789ABCDabcd*#");

    private readonly Dictionary<string, OptionInfo> _options = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<OptionInfo> _prefixes = [];

    public string File { get; } = file;

    public string Kind { get; } = kind;

    public OptionReading Reading { get; } = reading;

    /// <summary>Every option is listed: a name that is not is unknown to Asterisk.</summary>
    public bool IsComplete { get; init; }

    /// <summary>There may be only one object of that type; a second makes Asterisk load none.</summary>
    public bool IsSingle { get; init; }

    /// <summary>A section of that name is one even without <c>type</c>; null: none is.</summary>
    public string? FixedName { get; init; }

    /// <summary>The value of <c>type</c> that makes a section one; null: type says nothing.</summary>
    public string? Type { get; init; }

    /// <summary>Names of sections, "general|parkinglot_*", with a ! before it: all but those. Empty: type alone says it.</summary>
    public string Sections { get; init; } = "";

    /// <summary>What is listed by its whole name.</summary>
    public IReadOnlyCollection<OptionInfo> Options => _options.Values;

    /// <summary>One of <see cref="Options"/> has that name, in either case.</summary>
    public bool Lists(string name) => _options.ContainsKey(name);

    public OptionInfo? Find(string name)
    {
        // Asterisk's sorcery takes any name that begins with @ into any object and keeps it for whoever asks.
        if (Reading == OptionReading.Sorcery && name.StartsWith('@'))
        {
            return new OptionInfo(name, OptionKind.Any, null);
        }

        return _options.TryGetValue(name, out var option) ? option
            : _prefixes.Find(prefix => name.StartsWith(prefix.Name, StringComparison.OrdinalIgnoreCase) || (prefix.Name == Keys && AreKeys(name)));
    }

    public bool HasSection(string name) =>
        Sections.StartsWith('!') ? !Matches(Sections.AsSpan(1), name) : Matches(Sections, name);

    internal void Add(OptionInfo option)
    {
        if (option.Name.EndsWith('*'))
        {
            _prefixes.Add(option with { Name = option.Name[..^1] });
        }
        else if (option.Name == Keys)
        {
            _prefixes.Add(option);
        }
        else
        {
            _options[option.Name] = _options.TryGetValue(option.Name, out var other) ? Both(option, other) : option;
        }
    }

    // Of two versions: refused is what both refuse, and what only one says is not said.
    private static OptionInfo Both(OptionInfo one, OptionInfo other) => one with
    {
        Kind = one.Kind == other.Kind ? one.Kind
            : one.Kind is OptionKind.OneOf or OptionKind.Exactly && other.Kind is OptionKind.OneOf or OptionKind.Exactly ? OptionKind.OneOf : OptionKind.Any,
        Words = one.Words.SequenceEqual(other.Words) ? one.Words : [.. one.Words.Union(other.Words, StringComparer.OrdinalIgnoreCase)],
        TakesBool = one.TakesBool || other.TakesBool,
        TakesEmpty = one.TakesEmpty || other.TakesEmpty,
        Range = one.Range is { } range && other.Range is { } second ? (Math.Min(range.Least, second.Least), Math.Max(range.Most, second.Most)) : null,
        IsLenient = one.IsLenient || other.IsLenient,
        Default = one.Default == other.Default ? one.Default : null,
        IsDeprecated = one.IsDeprecated && other.IsDeprecated,
    };

    private static bool Matches(ReadOnlySpan<char> patterns, string name)
    {
        foreach (var part in patterns.Split('|'))
        {
            var pattern = patterns[part];
            if (pattern.EndsWith("*") ? name.AsSpan().StartsWith(pattern[..^1], StringComparison.OrdinalIgnoreCase) : name.AsSpan().Equals(pattern, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static bool AreKeys(string name) => name.AsSpan().IndexOfAnyExcept(KeyCharacters) < 0 && name.Length > 0;
}
