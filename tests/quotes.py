"""Sentences of the lessons that quote numbers over seeds, each with its place in the table.

An entry names the text, the sentence as a format string, and what stands in its fields:

    Quote(
        "deeper/02_skip_connections",
        "With skip, {learn} seeds learn ({right.lowest:.2f} to {right.highest:.2f} right).",
        learn=claim("8 layers, pre-norm, learn with skip: 0.95 or more"),
        right=row("8 layers, pre, with skip"),
    )

A field of `row` has .mean, .lowest, .highest and .seeds; a field of `claim` reads "5 of 40", and
has .holds and .seeds. The format "power" writes 0.000003 as 3·10⁻⁶. test_quotes.py formats each
sentence from helpers/data/evidence.json and looks for it in the text. The lesson is that of the
notebook's name, unless `row` or `claim` is given another.
"""

import math
from types import SimpleNamespace

from helpers.learning import evidence

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class Number(float):
    """A number that can also be written as a power of ten, by the format "power"."""

    def __format__(self, spec):
        if spec != "power":
            return super().__format__(spec)
        exponent = math.floor(math.log10(abs(self)))
        lead = round(self / 10**exponent)
        if lead == 10:
            lead, exponent = 1, exponent + 1
        return f"{lead}·10{str(exponent).translate(SUPERSCRIPTS)}"


class Quote:
    def __init__(self, text, sentence, **fields):
        self.text, self.sentence, self.fields = text, sentence, fields

    def __repr__(self):
        return f"{self.text}: {self.sentence[:60]}"

    def written(self):
        """Return the sentence with the table's numbers in it."""
        lesson = self.text.rpartition("/")[2][3:]
        return self.sentence.format(**{name: find(lesson) for name, find in self.fields.items()})


def row(run, number="accuracy", lesson=None):
    """Return how to find one number of a run in the table."""

    def find(own_lesson):
        measured = evidence.measured(lesson or own_lesson)[run][number]
        return SimpleNamespace(
            mean=Number(measured.mean),
            lowest=Number(measured.lowest),
            highest=Number(measured.highest),
            seeds=measured.seeds,
        )

    return find


def claim(sentence, lesson=None):
    """Return how to find in how many seeds a sentence of CLAIMS holds."""
    return lambda own_lesson: evidence.claims(lesson or own_lesson)[sentence]


# Numbers in cells about seeds that are not measured over seeds: a limit that a sentence chooses, a
# setting such as a learning rate, a single recorded run. {text: phrases that hold them}
NOT_MEASURED = {
    "00_self_attention": ["its size is 1.0 in every row"],
    "03_layer_norm": ["0.001, 0.003, 0.01, 0.03 and 0.1", "At rate 0.01,"],
    "deeper/03_layer_norm": [
        '"In 19 of 20 seeds" means',
        "answers 0.95 or more",
        "if 0.9 of the answers are right",
        "At rate 0.1 without a norm",
        "post-norm 1.00, because",
        "post-norm does best at 0.003 in place of 0.001, and no norm at 0.01 in place of 0.003",
        "At 0.01,",
        "At 0.001 the 120 steps",
        "at rate 0.003 the share is",
    ],
    "deeper/00_self_attention": ["differs from d_head by less than 10 % in"],
    "deeper/05_positional_encoding": [
        "0.5 means half as far",
        "1e-06 means 0.000001",
        "0.95 or more",
        "0.25 or less",
        "at least 0.98",
        "0.98 or more",
    ],
    "06_encoder_block": ["right in about 0.36 of the cases"],
    "deeper/06_encoder_block": [
        "0.9 or more",
        "it is 1.00 after each block",
        "it is still 1.00 with post-norm",
        "their cosine is above 0.99",
        "Six blocks have 18.9 million",
    ],
    "deeper/04_feed_forward": ["The lowest value of GELU is −0.17."],
    "02_skip_connections": ["grows by 0.001, the sum x + f(x) grows by 0.001"],
    "deeper/02_skip_connections": [
        '"In 19 of 20 seeds" means',
        "(In the lesson's explorer it leaves 0.45.",
        "A guess is right in 0.10",
        "(above 0.9 in",
        "ends at 0.05 here, and at 0.12 in the lesson",
        "if 0.95 of its answers are right with pre-norm, or 0.9 with post-norm",
        "With less than 0.5",
    ],
    "01_multi_head_attention": ["more than 0.99 of the answers", "at most 0.80 are right"],
    "deeper/01_multi_head_attention": [
        "at least 0.99 of the answers",
        "it reaches 0.95 or more",
        "stay above 0.9 in",
        "A bet is right in about 0.30",
        "word 5 gives 0.4 to the first word and 0.4 to the word before",
        "the next word gets 0.1 to 0.2 of the weight",
        "word get 0.3 each",
        "head 3 gives 0.53 of its weight",
    ],
    "07_reading_attention": [
        "At least 0.97 of the new sentences",
        "more than 0.8, and the wrong one less than 0.2",
    ],
    "deeper/07_reading_attention": [
        "answers 0.88 or more right",
        "It is 0.8 or more in",
        "0.95 or more in",
        "it stays below 0.3 in",
        "(standard deviation 0.02)",
        "The smallest trained number is 0.38",
        "for pronouns 0.38",
        "The last three, 0.38 to 0.58",
    ],
}

TWO_HEADS = "two, four or eight heads answer two look-ups, 0.99 or more"
FOUR_HEADS = "four or eight heads answer four look-ups, 0.99 or more"
OWN_LOOK_UP = "four look-ups: each of four heads has its own, which falls most without this head"
ONE_HEAD = "with two look-ups, two heads answer 0.99 and one head at most 0.8"

QUOTES = [
    Quote(
        "00_self_attention",
        "it is {undivided.lowest:.2f} to {undivided.highest:.2f} in {grows} seeds, with ten words "
        "to look at. Divided, it stays at {divided.mean:.2f}:",
        undivided=row("d_head 128", "largest, not divided"),
        divided=row("d_head 128", "largest, divided"),
        grows=claim("not divided, each wider head gives more to its largest word"),
    ),
    Quote(
        "deeper/00_self_attention",
        "the variance differs from d_head by less than 10 % in {near} seeds. The variance of q · k "
        "/ √d_head lies between {low.lowest:.2f} and {high.highest:.2f}, over all six widths.",
        near=claim("the variance of q · k is d_head, to 10 %"),
        low=row("d_head 1", "variance ÷ d_head"),
        high=row("d_head 1", "variance ÷ d_head"),
    ),
    Quote(
        "deeper/00_self_attention",
        "Not divided, a wider head looks less evenly than a narrower one in {less} seeds. Its "
        "largest weight is larger in {more} seeds. At 512 the entropy is {entropy.lowest:.2f} to "
        "{entropy.highest:.2f}, and the largest weight {largest.mean:.2f} on average. Divided, the "
        "entropy of heads of 2 to 512 lies between {low.lowest:.2f} and {high.highest:.2f}.",
        less=claim("not divided, each wider head looks less evenly"),
        more=claim("not divided, each wider head gives more to its largest word"),
        entropy=row("d_head 512", "entropy, not divided"),
        largest=row("d_head 512", "largest, not divided"),
        low=row("d_head 512", "entropy, divided"),
        high=row("d_head 2", "entropy, divided"),
    ),
    Quote(
        "01_multi_head_attention",
        "With two heads, more than 0.99 of the answers are right in {two} seeds.",
        two=claim(TWO_HEADS),
    ),
    Quote(
        "01_multi_head_attention",
        "With one head, at most 0.80 are right in {one} seeds:",
        one=claim(ONE_HEAD),
    ),
    Quote(
        "deeper/01_multi_head_attention",
        "the nearest two of four heads are {near.lowest:.2f} to {near.highest:.2f} apart, and the "
        "furthest two {far.lowest:.2f} to {far.highest:.2f}.",
        near=row("random heads", "nearest heads"),
        far=row("random heads", "furthest heads"),
    ),
    Quote(
        "deeper/01_multi_head_attention",
        "the largest error lies between {error.lowest:.1f} and {error.highest:.1f}.",
        error=row("random heads", "reshape error"),
    ),
    Quote(
        "deeper/01_multi_head_attention",
        "For 16 heads it is {right.lowest:.2f} to {right.highest:.2f} over twenty seeds. Divided "
        "by √d_model, it falls to 1 / n_heads: {wrong.lowest:.3f} to {wrong.highest:.3f} for 16 "
        "heads.",
        right=row("scores of 16 heads", "variance, √d_head"),
        wrong=row("scores of 16 heads", "variance, √d_model"),
    ),
    Quote(
        "deeper/01_multi_head_attention",
        "at least 0.99 of the answers are right in {as_many} seeds. With fewer heads something is "
        "missing: four look-ups with two heads reach {two.lowest:.2f} to {two.highest:.2f}.",
        as_many=claim(FOUR_HEADS),
        two=row("4 look-ups, 2 heads"),
    ),
    Quote(
        "deeper/01_multi_head_attention",
        "On two look-ups it reaches {one.lowest:.2f} to {one.highest:.2f}. In three times as many "
        "steps it reaches 0.95 or more in {longer} seeds.",
        one=row("2 look-ups, 1 head"),
        longer=claim("in three times as many steps, one head answers 0.95 of two look-ups"),
    ),
    Quote(
        "deeper/01_multi_head_attention",
        "three times as many steps give {one.lowest:.2f} to {one.highest:.2f}.",
        one=row("4 look-ups, 1 head, 3 × longer"),
    ),
    Quote(
        "deeper/01_multi_head_attention",
        "Yet in {own} seeds, each of four heads has a look-up of its own:",
        own=claim(OWN_LOOK_UP),
    ),
    Quote(
        "deeper/01_multi_head_attention",
        "stay above 0.9 in {others} seeds; in the worst seed one of them falls to "
        "{low.lowest:.2f}.",
        others=claim("without one of four heads, the other three look-ups stay above 0.9"),
        low=row("4 look-ups, 4 heads", "lowest of the others"),
    ),
    Quote(
        "02_skip_connections",
        "The stack with skips was the better one in {better} seeds",
        better=claim("8 layers, pre-norm, are better with skip than without"),
    ),
    Quote(
        "02_skip_connections",
        "The stack with skips had fewer low places in {fewer} seeds",
        fewer=claim("surfaces, 4 layers: fewer minima with skip than without"),
    ),
    Quote(
        "deeper/02_skip_connections",
        "the own word is still there at layer 12, in {kept} seeds. Without skip, layer 2 leaves "
        "{left.lowest:.2f} to {left.highest:.2f} of the words,",
        kept=claim("pre-norm with skip: the own word is read at layer 12, 0.95 or more"),
        left=row("probe, pre, without skip", "own, layer 2"),
    ),
    Quote(
        "deeper/02_skip_connections",
        "At layer 12 the probe is right in {left.mean:.2f} on average.",
        left=row("probe, pre, without skip", "own, layer 12"),
    ),
    Quote(
        "deeper/02_skip_connections",
        "A cosine of {post.mean:.3f} leaves",
        post=row("probe, post, with skip", "cosine, layer 12"),
    ),
    Quote(
        "deeper/02_skip_connections",
        "At layer 12 it leaves {post.lowest:.2f} to {post.highest:.2f} of the own words.",
        post=row("probe, post, with skip", "own, layer 12"),
    ),
    Quote(
        "deeper/02_skip_connections",
        "At layer 12 the pre-norm stack with skip is better than the one without in {better} "
        "seeds. A **limit**: post-norm keeps the other words nearly as well, {post.mean:.2f} "
        "against {pre.mean:.2f} on average.",
        better=claim("pre-norm: other words are read better with skip at layer 12"),
        post=row("probe, post, with skip", "others, layer 12"),
        pre=row("probe, pre, with skip", "others, layer 12"),
    ),
    Quote(
        "deeper/02_skip_connections",
        "Without skip the cosine at layer 2 lies between {two.lowest:.2f} and {two.highest:.2f} "
        "(above 0.9 in {alike} seeds). From layer 4 on it is {four.lowest:.2f}, to two digits. "
        "Under post-norm it also comes near 1 at layer 12: {post.lowest:.2f} to "
        "{post.highest:.2f}.",
        two=row("probe, pre, without skip", "cosine, layer 2"),
        alike=claim("without skip: two words have cosine above 0.9 at layer 2"),
        four=row("probe, pre, without skip", "cosine, layer 4"),
        post=row("probe, post, with skip", "cosine, layer 12"),
    ),
    Quote(
        "deeper/02_skip_connections",
        "the gradient vanishes, to between {none.lowest:power} and {none.highest:power}.",
        none=row("gradient, norm none, without skip", "24 blocks"),
    ),
    Quote(
        "deeper/02_skip_connections",
        "it **explodes**, to between {none.lowest:power} and {none.highest:power}.",
        none=row("gradient, norm none, with skip", "24 blocks"),
    ),
    Quote(
        "deeper/02_skip_connections",
        "With pre-norm it is {pre.lowest:.2f} to {pre.highest:.2f}.",
        pre=row("gradient, norm pre, without skip", "24 blocks"),
    ),
    Quote(
        "deeper/02_skip_connections",
        "the gradient arrives, {pre.lowest:.1f} to {pre.highest:.1f}, *and*",
        pre=row("gradient, norm pre, with skip", "24 blocks"),
    ),
    Quote(
        "deeper/02_skip_connections",
        "the gradient arrives too, {post.lowest:.1f} to {post.highest:.1f}.",
        post=row("gradient, norm post, with skip", "24 blocks"),
    ),
    Quote(
        "deeper/02_skip_connections",
        "At 8 layers the stack with skip is the better one in {better} seeds. Without skip, 8 "
        "layers do not learn in {fail} seeds; the best of the other seeds reaches "
        "{eight.highest:.2f}. At 12 layers none learns without skip: {twelve.lowest:.2f} to "
        "{twelve.highest:.2f} right.",
        better=claim("8 layers, pre-norm, are better with skip than without"),
        fail=claim("8 layers, pre-norm, do not learn without skip: less than 0.5"),
        eight=row("8 layers, pre, without skip"),
        twelve=row("12 layers, pre, without skip"),
    ),
    Quote(
        "deeper/02_skip_connections",
        "{learn} seeds learn without it.",
        learn=claim("4 layers, pre-norm, learn without skip too: 0.95 or more"),
    ),
    Quote(
        "deeper/02_skip_connections",
        "With post-norm, {learn} seeds learn at 8 layers with skip, and {longer} seeds in twice "
        "the steps. The stack with skip is better than the one without in {better} seeds.",
        learn=claim("8 layers, post-norm, learn with skip: 0.9 or more"),
        longer=claim("8 layers, post-norm, learn with skip in twice the steps: 0.9 or more"),
        better=claim("8 layers, post-norm, are better with skip than without"),
    ),
    Quote(
        "deeper/02_skip_connections",
        "With post-norm, {learn} seeds learn at 12 layers, and {longer} in twice the steps. The "
        "mean even falls, from {once.mean:.2f} to {twice.mean:.2f}.",
        once=row("12 layers, post, with skip"),
        twice=row("12 layers, post, with skip, 2 × longer"),
        learn=claim("12 layers, post-norm, learn with skip: 0.9 or more"),
        longer=claim("12 layers, post-norm, learn with skip in twice the steps: 0.9 or more"),
    ),
    Quote(
        "deeper/02_skip_connections",
        "At 4 layers there are {four_with.lowest:.0f} to {four_with.highest:.0f} low places with "
        "skip, and {four.lowest:.0f} to {four.highest:.0f} without. The stack with skip has fewer "
        "in {fewer} seeds. At 6 layers it is {six_with.lowest:.0f} to {six_with.highest:.0f} "
        "against {six.lowest:.0f} to {six.highest:.0f}, in {fewer_of_six} seeds.",
        four_with=row("surfaces, 4 layers", "minima with"),
        four=row("surfaces, 4 layers", "minima without"),
        fewer=claim("surfaces, 4 layers: fewer minima with skip than without"),
        six_with=row("surfaces, 6 layers", "minima with"),
        six=row("surfaces, 6 layers", "minima without"),
        fewer_of_six=claim("surfaces, 6 layers: fewer minima with skip than without"),
    ),
    Quote(
        "deeper/02_skip_connections",
        "{bends_with.lowest:.2f} to {bends_with.highest:.2f} with skip and {bends.lowest:.2f} to "
        "{bends.highest:.2f} without, at 4 layers.",
        bends_with=row("surfaces, 4 layers", "bends with"),
        bends=row("surfaces, 4 layers", "bends without"),
    ),
    Quote(
        "05_positional_encoding",
        "Attention names the first word, and the RNN guesses: in {both} seeds",
        both=claim("over 40 words, attention answers more than any RNN"),
    ),
    Quote(
        "05_positional_encoding",
        "With them it reverses the sentence: in {order} seeds",
        order=claim("reverse: 0.98 or more with positions"),
    ),
    Quote(
        "deeper/05_positional_encoding",
        "Attention names the first word at every length, in {all_words} seeds.",
        all_words=claim("attention, 40 words: 0.95 or more"),
    ),
    Quote(
        "deeper/05_positional_encoding",
        "The plain RNN succeeds (0.95 or more) in {good} seeds, and only guesses (0.25 or less) in "
        "{bad}. The one with the rotation succeeds in {turned_good}, and only guesses in "
        "{turned_bad}. At forty words both only guess, in {forty}.",
        good=claim("RNN, 20 words: 0.95 or more"),
        bad=claim("RNN, 20 words: at most 0.25, hardly more than a guess"),
        turned_good=claim("RNN, orthogonal start, 20 words: 0.95 or more"),
        turned_bad=claim("RNN, orthogonal start, 20 words: at most 0.25, hardly more than a guess"),
        forty=claim("RNN, 40 words: at most 0.25, hardly more than a guess"),
    ),
    Quote(
        "deeper/05_positional_encoding",
        "In 900 steps the RNN with the rotation succeeds at twenty words in {turned} seeds, and "
        "the plain one in {plain}. At forty words both only guess, in {forty}.",
        turned=claim("RNN, orthogonal start, 20 words, 3 × longer: 0.95 or more"),
        plain=claim("RNN, 20 words, 3 × longer: 0.95 or more"),
        forty=claim("RNN, 40 words, 3 × longer: at most 0.25, hardly more than a guess"),
    ),
    Quote(
        "deeper/05_positional_encoding",
        'in {reverse} seeds, for "before" in {before}.',
        reverse=claim("reverse: 0.98 or more with positions"),
        before=claim("before: 0.98 or more with positions"),
    ),
    Quote(
        "deeper/05_positional_encoding",
        "in {whole} seeds.",
        whole=claim("first: 0.98 or more on sentences twice as long"),
    ),
    Quote(
        "06_encoder_block",
        "all words become nearly equal, in {equal} seeds:",
        equal=claim("six random blocks without skip make all words one: cosine above 0.99"),
    ),
    Quote(
        "06_encoder_block",
        "Both show in {both} seeds:",
        both=claim("1 block, 4 sums, without feed-forward: less than 0.9"),
    ),
    Quote(
        "06_encoder_block",
        "Both show in {both} seeds:",
        both=claim("1 block, 4 sums, without positions: less than 0.45"),
    ),
    Quote(
        "deeper/06_encoder_block",
        "the size is {pre.lowest:.2f} to {pre.highest:.2f} with pre-norm, and {none.lowest:.2f} to "
        "{none.highest:.2f} with no norm at all.",
        pre=row("random blocks, norm pre, with skip", "size, 6 blocks"),
        none=row("random blocks, norm none, with skip", "size, 6 blocks"),
    ),
    Quote(
        "deeper/06_encoder_block",
        "One block without skip makes the words more alike than one block with it, in {more} "
        "seeds. Six blocks without skip make all words one, in {one} seeds:",
        more=claim("one random block without skip makes the words more alike than with it"),
        one=claim("six random blocks without skip make all words one: cosine above 0.99"),
    ),
    Quote(
        "deeper/06_encoder_block",
        "the cosine is {post.lowest:.2f} to {post.highest:.2f} over twenty seeds. With pre-norm it "
        "is lower in {lower} seeds: {pre.lowest:.2f} to {pre.highest:.2f}.",
        post=row("random blocks, norm post, with skip", "alike, 6 blocks"),
        lower=claim(
            "after six random blocks, words are less alike with pre-norm than with post-norm"
        ),
        pre=row("random blocks, norm pre, with skip", "alike, 6 blocks"),
    ),
    Quote(
        "deeper/06_encoder_block",
        "post-norm too makes the words equal, {post.lowest:.2f} in every seed; with pre-norm the "
        "cosine is {pre.lowest:.2f} to {pre.highest:.2f}.",
        post=row("random blocks, norm post, with skip", "alike, 24 blocks"),
        pre=row("random blocks, norm pre, with skip", "alike, 24 blocks"),
    ),
    Quote(
        "deeper/06_encoder_block",
        "in {same} seeds. With them, the largest difference is {far.lowest:.2f} to "
        "{far.highest:.2f} over twenty seeds.",
        same=claim("shuffled words without positions: the same rows in another order"),
        far=row("shuffled words", "with positions"),
    ),
    Quote(
        "deeper/06_encoder_block",
        "They stay below 1 in 10 million in {good} seeds, for all three norms.",
        good=claim("the gradient agrees with central differences to 1e-7, for all norms"),
    ),
    Quote(
        "deeper/06_encoder_block",
        "{right.lowest:.2f} to {right.highest:.2f} of the sums are right:",
        right=row("1 block, 4 sums, without feed-forward"),
    ),
    Quote(
        "deeper/06_encoder_block",
        "hardly anything is learned: {skip.lowest:.2f} to {skip.highest:.2f}.",
        skip=row("6 blocks, 2 sums, without skip"),
    ),
    Quote(
        "deeper/06_encoder_block",
        "Without the norm {norm.lowest:.2f} to {norm.highest:.2f} are right,",
        norm=row("6 blocks, 2 sums, without norm"),
    ),
    Quote(
        "deeper/06_encoder_block",
        "of the sums are right in {few} seeds only.",
        few=claim("1 block, 2 sums, without heads but one: 0.9 or more"),
    ),
    Quote(
        "deeper/06_encoder_block",
        "With one head {one.lowest:.2f} or more are right:",
        one=row("6 blocks, 2 sums, without heads but one"),
    ),
    Quote(
        "04_feed_forward",
        "Without the network, {off.lowest:.2f} to {off.highest:.2f} of the answers are right:",
        off=row("(a+b) mod 11: attention, 1 word"),
    ),
    Quote(
        "04_feed_forward",
        "This was so in {both} seeds",
        both=claim("(a+b) mod 11: 64 hidden units answer 0.99 or more, and two less than 0.8"),
    ),
    Quote(
        "deeper/04_feed_forward",
        "over twenty seeds, the row that moved least moved by {least.lowest:.3f} to "
        "{least.highest:.2f}.",
        least=row("random layers", "others moved by attention"),
    ),
    Quote(
        "deeper/04_feed_forward",
        "{off.lowest:.2f} to {off.highest:.2f} of them over twenty seeds.",
        off=row("random layers", "units off"),
    ),
    Quote(
        "deeper/04_feed_forward",
        "Over twenty seeds, attention of six words is off by {off.lowest:.2f} to "
        "{off.highest:.2f}.",
        off=row("random layers", "attention not linear"),
    ),
    Quote(
        "deeper/04_feed_forward",
        "With one word per sentence, the block with 64 hidden units answers all of the random "
        "table: {block.lowest:.3f} in every seed. Attention alone answers {attention.lowest:.2f} "
        "to {attention.highest:.2f}, the bare read-out {bare.lowest:.2f} to {bare.highest:.2f}.",
        block=row("random: block, 1 word, d_ff 64"),
        attention=row("random: attention, 1 word"),
        bare=row("random: read-out only"),
    ),
    Quote(
        "deeper/04_feed_forward",
        "Each doubling of d_ff from 2 to 16 brings more of the random table in {more} seeds. With "
        "16 hidden units, {sixteen.lowest:.2f} to {sixteen.highest:.2f} of it is right.",
        more=claim("random: each doubling of d_ff from 2 to 16 brings more"),
        sixteen=row("random: block, 1 word, d_ff 16"),
    ),
    Quote(
        "deeper/04_feed_forward",
        "On (a+b) mod 11, two hidden units reach {two.lowest:.2f} to {two.highest:.2f}, and 16 "
        "reach {sixteen.lowest:.2f} in every seed. Each doubling brings more in only {more} seeds.",
        two=row("(a+b) mod 11: block, 1 word, d_ff 2"),
        sixteen=row("(a+b) mod 11: block, 1 word, d_ff 16"),
        more=claim("(a+b) mod 11: each doubling of d_ff from 2 to 16 brings more"),
    ),
    Quote(
        "deeper/04_feed_forward",
        "In three times as many steps, two attentions with eight words reach {two.lowest:.2f} to "
        "{two.highest:.2f} of the random table.",
        two=row("random: two attentions, 8 words, 3 × longer"),
    ),
    Quote(
        "deeper/04_feed_forward",
        "Attention alone with one word reaches {one.lowest:.2f} to {one.highest:.2f} of it in the "
        "same time.",
        one=row("random: attention, 1 word, 3 × longer"),
    ),
    Quote(
        "07_reading_attention",
        "At least 0.97 of the new sentences are right in {acc} seeds. The right noun gets more "
        "than 0.8, and the wrong one less than 0.2, in {look} seeds:",
        acc=claim("which noun: 0.97 or more of new sentences are right"),
        look=claim("which noun: right noun above 0.8, wrong noun below 0.2"),
    ),
    Quote(
        "deeper/07_reading_attention",
        "The right noun gets {right.lowest:.2f} to {right.highest:.2f}, the wrong one "
        "{wrong.lowest:.2f} to {wrong.highest:.2f}. The selection is "
        "{share.lowest:.2f} to {share.highest:.2f}.",
        right=row("which noun", "right"),
        wrong=row("which noun", "wrong"),
        share=row("which noun", "selection"),
    ),
    Quote(
        "deeper/07_reading_attention",
        "In {more} seeds it is higher here than without the window.",
        more=claim("selection is higher with the window than without"),
    ),
    Quote(
        "deeper/07_reading_attention",
        "The answers are as right ({right.lowest:.3f} or more), and the selection is only "
        "{share.lowest:.2f} to {share.highest:.2f}.",
        right=row("which noun, no window"),
        share=row("which noun, no window", "selection"),
    ),
    Quote(
        "deeper/07_reading_attention",
        "It answers {right.lowest:.2f} to {right.highest:.2f} right, with a selection of "
        "{share.lowest:.2f} to {share.highest:.2f}.",
        right=row("which noun, one block"),
        share=row("which noun, one block", "selection"),
    ),
    Quote(
        "deeper/07_reading_attention",
        "In every seed {right.lowest:.3f} of its answers are right. The mean weight on the right "
        "noun is at most {noun.highest:.2f} in any seed.",
        right=row("alive or not"),
        noun=row("alive or not", "right"),
    ),
    Quote(
        "deeper/07_reading_attention",
        "Over {one.seeds} seeds, without the head whose loss does most harm, "
        "{one.lowest:.2f} to {one.highest:.2f} stay right. It is 0.8 or more in {many} seeds.",
        one=row("which noun", "without one head"),
        many=claim("which noun: 0.8 or more are right without any one head"),
    ),
    Quote(
        "deeper/07_reading_attention",
        "only {out.lowest:.2f} to {out.highest:.2f} of the answers stay right.",
        out=row("which noun", "without all last heads"),
    ),
    Quote(
        "deeper/07_reading_attention",
        "Without any attention in its last layer, {out.lowest:.2f} to {out.highest:.2f} of its "
        "answers stay right; 0.95 or more in {many} seeds.",
        out=row("alive or not", "without all last heads"),
        many=claim("alive or not: 0.95 or more are right without all heads of the last layer"),
    ),
    Quote(
        "deeper/07_reading_attention",
        "With *no window*, {out.lowest:.2f} to {out.highest:.2f} of the answers stay right.",
        out=row("which noun, no window", "without all last heads"),
    ),
    Quote(
        "deeper/07_reading_attention",
        "Over {best.seeds} seeds the best small random head reaches {best.highest:.2f} at most.",
        best=row("random encoder, small", "best"),
    ),
    Quote(
        "deeper/07_reading_attention",
        "But with *wide* weights luck alone reaches {best.highest:.2f} in one of {best.seeds} "
        "seeds; it stays below 0.3 in {below}.",
        best=row("random encoder, wide", "best"),
        below=claim("random encoder, wide: no head above 0.3"),
    ),
    Quote(
        "deeper/07_reading_attention",
        "against {lucky.highest:.2f}.",
        lucky=row("random encoder, wide", "pronoun → its noun"),
    ),
    Quote(
        "03_layer_norm",
        "pre-norm learns and the other two do not, in {alone} seeds",
        alone=claim("at rate 0.01 pre-norm learns, post-norm and no norm do not"),
    ),
    Quote(
        "deeper/03_layer_norm",
        "but the last digits that a computer keeps ({same} seeds).",
        same=claim("times 100, plus 7 changes nothing without ε: less than 1e-12"),
    ),
    Quote(
        "deeper/03_layer_norm",
        "Under batch norm the change is {change.lowest:.1f} to {change.highest:.1f}.",
        change=row("companions, batch norm", "change"),
    ),
    Quote(
        "deeper/03_layer_norm",
        "Alone, batch norm answers {alone.lowest:.2f} to {alone.highest:.2f} of the sentences;",
        alone=row("companions, batch norm", "alone"),
    ),
    Quote(
        "deeper/03_layer_norm",
        "Layer norm answers 0.95 or more in {layer} seeds.",
        layer=claim("alone, a sentence is answered under layer norm: 0.95 or more"),
    ),
    Quote(
        "deeper/03_layer_norm",
        "kept statistics repair batch norm here, in {kept} seeds.",
        kept=claim("alone, a sentence is answered with kept statistics: 0.95 or more"),
    ),
    Quote(
        "deeper/03_layer_norm",
        "without a norm {none.lowest:,.0f} to {none.highest:,.0f}, with pre-norm {pre.lowest:.1f} "
        "to {pre.highest:.1f}, with",
        none=row("size, none", "size, 24 blocks"),
        pre=row("size, pre", "size, 24 blocks"),
    ),
    Quote(
        "deeper/03_layer_norm",
        "at 12 blocks the cosine is {pre.lowest:.2f} to {pre.highest:.2f}.",
        pre=row("size, pre", "input, 12 blocks"),
    ),
    Quote(
        "deeper/03_layer_norm",
        "The cosine is at most {post.highest:.3f} with post-norm, and {none.highest:.3f} without a "
        "norm. More is left with pre-norm than with post-norm in {more} seeds.",
        post=row("size, post", "input, 12 blocks"),
        none=row("size, none", "input, 12 blocks"),
        more=claim("at 12 blocks, more of the input is left with pre-norm than with post-norm"),
    ),
    Quote(
        "deeper/03_layer_norm",
        "no norm in {more} seeds. With pre-norm four rates work in {four} seeds. Without a norm no "
        "rate works in {none} seeds.",
        more=claim("without warm-up, more rates work with pre-norm than with post-norm or no norm"),
        four=claim("without warm-up, four rates work with pre-norm"),
        none=claim("without warm-up, no rate works without a norm"),
    ),
    Quote(
        "deeper/03_layer_norm",
        "post-norm then reaches {post.lowest:.2f} to {post.highest:.2f}, and no norm "
        "{none.lowest:.2f} to {none.highest:.2f}.",
        post=row("post, rate 0.01, 60 warm-up"),
        none=row("none, rate 0.01, 60 warm-up"),
    ),
    Quote(
        "deeper/03_layer_norm",
        "the share is {three.lowest:.2f} to {three.highest:.2f}. Six blocks do so as well, if the "
        "words begin half as large: {half.lowest:.2f} to {half.highest:.2f} at the same rate.",
        three=row("none, rate 0.003, 3 layers"),
        half=row("none, rate 0.003, words half as large"),
    ),
]
