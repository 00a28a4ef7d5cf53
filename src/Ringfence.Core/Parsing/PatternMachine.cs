namespace Ringfence.Core.Parsing;

/// <summary>Finds in one pass over a text all places that a piece of a pattern reaches from an end of the text, or from anywhere.</summary>
/// <remarks>A set of states goes along with the text (Thompson, 1968), so the time is the text's length times the pattern's, whatever either holds.</remarks>
internal sealed class PatternMachine
{
    public const int MostStates = 2_000;

    private readonly record struct State(ByteSet Set, int Next, int Other);

    private readonly List<State> _states = [];
    private readonly int _start;
    private readonly bool _isBackward;
    private readonly bool _isAnchored;
    private readonly int[] _stack;
    private ulong[] _now;
    private ulong[] _then;

    /// <param name="pieces">As written; without edges and hosts.</param>
    /// <param name="isBackward">Read from the end of the text to its beginning.</param>
    /// <param name="isAnchored">It begins at that end of the text; else anywhere.</param>
    public PatternMachine(IReadOnlyList<PatternNode> pieces, bool isBackward, bool isAnchored)
    {
        _isBackward = isBackward;
        _isAnchored = isAnchored;

        // State 0 is the end.
        _states.Add(default);
        _start = Add(new PatternNode.Sequence(pieces), 0);
        _stack = new int[(_states.Count * 2) + 2];
        _now = new ulong[(_states.Count + 63) / 64];
        _then = new ulong[_now.Length];
    }

    /// <param name="reached">One longer than the text: true where the pieces can end.</param>
    public void Run(ReadOnlySpan<byte> text, Span<bool> reached)
    {
        Array.Clear(_now);
        for (var step = 0; step <= text.Length; step++)
        {
            if (step == 0 || !_isAnchored)
            {
                Enter(_now, _start);
            }

            reached[_isBackward ? text.Length - step : step] = (_now[0] & 1) != 0;
            if (step == text.Length)
            {
                return;
            }

            var character = text[_isBackward ? text.Length - 1 - step : step];
            Array.Clear(_then);
            for (var word = 0; word < _now.Length; word++)
            {
                for (var bits = _now[word]; bits != 0; bits &= bits - 1)
                {
                    var state = (word << 6) + System.Numerics.BitOperations.TrailingZeroCount(bits);
                    if (_states[state].Set.Has(character))
                    {
                        Enter(_then, _states[state].Next);
                    }
                }
            }

            (_now, _then) = (_then, _now);
        }
    }

    private void Enter(ulong[] set, int first)
    {
        var depth = 0;
        _stack[depth++] = first;
        while (depth > 0)
        {
            var at = _stack[--depth];
            if ((set[at >> 6] >> (at & 63) & 1) != 0)
            {
                continue;
            }

            set[at >> 6] |= 1UL << (at & 63);
            var state = _states[at];
            if (at != 0 && state.Set.IsEmpty && state.Next >= 0)
            {
                _stack[depth++] = state.Next;
                if (state.Other >= 0)
                {
                    _stack[depth++] = state.Other;
                }
            }
        }
    }

    // Returns the state in which the node begins; it goes on to next.
    private int Add(PatternNode node, int next)
    {
        switch (node)
        {
            case PatternNode.One one:
                // A set of nothing would be a fork.
                return Add(new State(one.Set, one.Set.IsEmpty ? -1 : next, -1));
            case PatternNode.User:
                return Add(new PatternNode.Repeat(new PatternNode.One(ByteSet.Any), 0, -1), next);
            case PatternNode.Sequence sequence:
                foreach (var part in _isBackward ? sequence.Parts : sequence.Parts.Reverse())
                {
                    next = Add(part, next);
                }

                return next;
            case PatternNode.Choice choice:
                var fork = Add(choice.Ways[^1], next);
                foreach (var way in choice.Ways.SkipLast(1))
                {
                    fork = Add(new State(default, Add(way, next), fork));
                }

                return fork;
            case PatternNode.Repeat repeat:
                return Add(repeat, next);
            default:
                throw new ArgumentException("an edge or a host is no part of a machine", nameof(node));
        }
    }

    private int Add(PatternNode.Repeat repeat, int next)
    {
        if (repeat.Most < 0)
        {
            var loop = Add(new State(default, -1, next));
            var body = Add(repeat.What, loop);
            _states[loop] = new State(default, body, next);
            next = loop;
        }
        else
        {
            for (var more = repeat.Least; more < repeat.Most; more++)
            {
                next = Add(new State(default, Add(repeat.What, next), next));
            }
        }

        for (var more = 0; more < repeat.Least; more++)
        {
            next = Add(repeat.What, next);
        }

        return next;
    }

    private int Add(State state)
    {
        _states.Add(state);
        return _states.Count - 1;
    }
}
