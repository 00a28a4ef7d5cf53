using System.Collections.Immutable;

namespace Ringfence.Core.Dialplan;

/// <summary>A regular set of dialled texts. Two that hold the same texts are equal.</summary>
/// <remarks>
/// A minimal deterministic automaton over the characters 0 to 127; 127 stands for every other character. States are numbered in the order in which
/// they are met, so that equal sets have equal tables.
/// </remarks>
internal sealed class NumberLanguage : IEquatable<NumberLanguage>
{
    public const char LastSymbol = (char)127;

    /// <summary>No edge: nothing that goes on from here is in the set.</summary>
    public const int Dead = -1;

    private readonly ImmutableArray<LanguageEdge>[] _edges;
    private readonly bool[] _accepts;
    private readonly int _hash;

    internal NumberLanguage(ImmutableArray<LanguageEdge>[] edges, bool[] accepts)
    {
        _edges = edges;
        _accepts = accepts;
        var hash = default(HashCode);
        for (var state = 0; state < edges.Length; state++)
        {
            hash.Add(accepts[state]);
            foreach (var edge in edges[state])
            {
                hash.Add(edge.First);
                hash.Add(edge.Target);
            }
        }

        _hash = hash.ToHashCode();
    }

    public static NumberLanguage None { get; } = new([[]], [false]);

    /// <summary>Every text, the empty one too.</summary>
    public static NumberLanguage All { get; } = new([[new LanguageEdge('\0', LastSymbol, 0)]], [true]);

    /// <summary>The empty text alone.</summary>
    public static NumberLanguage Empty { get; } = new([[]], [true]);

    public int States => _edges.Length;

    public bool IsNone => _edges.Length == 1 && _edges[0].IsEmpty && !_accepts[0];

    /// <summary>One text alone, apart from hyphens in it, which Asterisk passes over.</summary>
    public bool IsOneNumber
    {
        get
        {
            var state = 0;
            for (var length = 0; length <= _edges.Length; length++)
            {
                var on = _edges[state].Where(static edge => edge is not { First: '-', Last: '-' }).ToList();
                switch (on)
                {
                    case []:
                        return true;
                    case [{ } edge] when edge.First == edge.Last && !_accepts[state]:
                        state = edge.Target;
                        break;
                    default:
                        return false;
                }
            }

            return false;
        }
    }

    /// <summary>In ascending order, without overlaps; a character that none has leads to <see cref="Dead"/>.</summary>
    public ImmutableArray<LanguageEdge> Edges(int state) => _edges[state];

    public bool Accepts(int state) => _accepts[state];

    public bool Contains(string text)
    {
        var state = Follow(0, text);
        return state != Dead && _accepts[state];
    }

    /// <returns>The state behind the text; <see cref="Dead"/> where it leads out of the set.</returns>
    public int Follow(int state, string text)
    {
        foreach (var c in text)
        {
            state = state == Dead ? Dead : Step(state, c);
        }

        return state;
    }

    public int Step(int state, char c)
    {
        var symbol = c < LastSymbol ? c : LastSymbol;
        foreach (var edge in _edges[state])
        {
            if (symbol <= edge.Last)
            {
                return symbol >= edge.First ? edge.Target : Dead;
            }
        }

        return Dead;
    }

    /// <summary>The shortest text; of those one with digits where digits do.</summary>
    /// <returns>null: there is none.</returns>
    public string? Shortest()
    {
        var cameFrom = new (int State, char By)?[States];
        var queue = new Queue<int>([0]);
        var isSeen = new bool[States];
        isSeen[0] = true;
        while (queue.TryDequeue(out var state))
        {
            if (_accepts[state])
            {
                return Way(cameFrom, state);
            }

            foreach (var (symbol, target) in _edges[state].Select(static edge => (Symbol: Likeliest(edge), edge.Target)).OrderBy(static step => Rank(step.Symbol)))
            {
                if (!isSeen[target])
                {
                    isSeen[target] = true;
                    cameFrom[target] = (state, symbol);
                    queue.Enqueue(target);
                }
            }
        }

        return null;
    }

    public bool Equals(NumberLanguage? other)
    {
        if (ReferenceEquals(this, other))
        {
            return true;
        }

        if (other is null || _hash != other._hash || !_accepts.AsSpan().SequenceEqual(other._accepts))
        {
            return false;
        }

        for (var state = 0; state < _edges.Length; state++)
        {
            if (!_edges[state].AsSpan().SequenceEqual(other._edges[state].AsSpan()))
            {
                return false;
            }
        }

        return true;
    }

    public override bool Equals(object? obj) => Equals(obj as NumberLanguage);

    public override int GetHashCode() => _hash;

    private static string Way((int State, char By)?[] cameFrom, int state)
    {
        var text = new Stack<char>();
        while (cameFrom[state] is var (before, by))
        {
            text.Push(by);
            state = before;
        }

        return new string([.. text]);
    }

    // What a person would dial first.
    private const string Preferred = "0123456789*#+ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private static char Likeliest(LanguageEdge edge)
    {
        foreach (var c in Preferred)
        {
            if (c >= edge.First && c <= edge.Last)
            {
                return c;
            }
        }

        return edge.First < ' ' && edge.Last >= '!' ? '!' : edge.First;
    }

    private static int Rank(char c) => Preferred.IndexOf(c, StringComparison.Ordinal) is >= 0 and var rank ? rank : Preferred.Length + c;
}

/// <summary>All characters from <paramref name="First"/> to <paramref name="Last"/> lead to a state.</summary>
internal readonly record struct LanguageEdge(char First, char Last, int Target);
