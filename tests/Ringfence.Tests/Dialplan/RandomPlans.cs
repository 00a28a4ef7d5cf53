using System.Globalization;
using System.Text;

namespace Ringfence.Tests.Dialplan;

/// <summary>Seeded dialplans whose patterns overlap as much as they can, and numbers that hit their borders.</summary>
internal sealed class RandomPlans(int seed)
{
    private static readonly string[] Places = ["X", "Z", "N", "x", "n", "[1-3]", "[13]", "[2-5]", "[0-9]", "[1-35]", "[19-]", "[*#]", "[]", "1", "2", "3", "9", "0", "a", "N", "X", "+", "*"];

    private readonly Random _random = new(seed);
    private int _marks;

    /// <summary>What a mark stands for: a priority returns its own.</summary>
    public int Marks => _marks;

    /// <summary>Some contexts that include each other, each named with the prefix.</summary>
    public (string Text, IReadOnlyList<string> Contexts) Contexts(string prefix)
    {
        var names = Enumerable.Range(0, _random.Next(1, 5)).Select(i => $"{prefix}{(char)('a' + i)}").ToList();
        var text = new StringBuilder();
        foreach (var name in names)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"[{name}]");
            var lines = _random.Next(1, 9);
            for (var line = 0; line < lines; line++)
            {
                AddLine(text, names);
            }
        }

        if (_random.Next(4) == 0)
        {
            // The first context goes on behind the others.
            text.AppendLine(CultureInfo.InvariantCulture, $"[{names[0]}]");
            AddLine(text, names);
        }

        return (text.ToString(), names);
    }

    /// <summary>A number near what a name or pattern fits: each place taken from it or its neighbour.</summary>
    public string Number()
    {
        const string Near = "0123456789123919*#+a-";
        return string.Concat(Enumerable.Range(0, _random.Next(1, 6)).Select(_ => Near[_random.Next(_random.Next(4) == 0 ? Near.Length : 10)]));
    }

    public string? CallerId() => _random.Next(3) switch { 0 => null, 1 => "1" + _random.Next(4), _ => "2" };

    private void AddLine(StringBuilder text, List<string> names)
    {
        if (_random.Next(5) == 0)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"include => {names[_random.Next(names.Count)]}");
            return;
        }

        var name = Name();
        var caller = _random.Next(6) switch { 0 => "/1" + _random.Next(4), 1 => "/_1X", 2 when _random.Next(3) == 0 => "/", _ => "" };
        var first = _random.Next(5) == 0 ? 2 : 1;
        text.AppendLine(CultureInfo.InvariantCulture, $"exten => {name}{caller},{first},Return({++_marks})");
        while (_random.Next(3) == 0)
        {
            var priority = _random.Next(6) switch { 0 => "n+1", 1 => "3", 2 => "n(here)", 3 => "1", _ => "n" };
            text.AppendLine(CultureInfo.InvariantCulture, $" same => {priority},Return({++_marks})");
        }
    }

    private string Name()
    {
        if (_random.Next(3) == 0)
        {
            return string.Concat(Enumerable.Range(0, _random.Next(1, 5)).Select(_ => "01239*#-"[_random.Next(8)])) is var name && name.Trim('-').Length > 0 ? name : "9";
        }

        var places = Enumerable.Range(0, _random.Next(1, 5)).Select(_ => _random.Next(8) == 0 ? "-" : _random.Next(12) == 0 ? " X" : Places[_random.Next(Places.Length)]);
        return $"_{string.Concat(places)}{_random.Next(4) switch { 0 => ".", 1 when _random.Next(2) == 0 => "!", _ => "" }}";
    }
}
